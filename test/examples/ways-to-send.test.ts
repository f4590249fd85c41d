import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { createTopic, deleteTopic } from '../../demo/topic.ts'
import { readBackAll } from '../read-back/read-back.ts'
import { runProgram } from '../run-program.ts'

const kafka = inject('kafka')

describe.skipIf(kafka === null)('on a real Kafka, the example', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }
  let topic = ''

  beforeEach(async () => {
    topic = `example-${randomUUID()}`
    await createTopic(bootstrapServers, topic, 3)
  })
  afterEach(async () => {
    await deleteTopic(bootstrapServers, topic)
  })

  test('for-topic sends to one topic in three ways', async () => {
    expect(await outputOf('for-topic')).toMatch(/^visits of user-123 are in partition \d, in order: true\n$/u)
    expect(await valuesInLog()).toEqual(['/products/42', '/cart', '/checkout'])
  })

  test('acknowledgement-stream stores where each line is, and which was refused', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'linger-example-'))
    const [lines, store] = [join(directory, 'lines.txt'), join(directory, 'acknowledged.csv')]
    await writeFile(lines, `one\ntwo\n${'x'.repeat(2_000_000)}\nfour\n`)
    expect(await outputOf('acknowledgement-stream', lines, store)).toBe('3 written, 1 refused\n')
    const stored = (await readFile(store, 'utf8')).trimEnd().split('\n')
    await rm(directory, { recursive: true })
    expect((await valuesInLog()).toSorted()).toEqual(['four', 'one', 'two'])
    expect(stored).toEqual([
      expect.stringMatching(/^1,\d,\d$/u),
      expect.stringMatching(/^2,\d,\d$/u),
      '3,MESSAGE_TOO_LARGE,never',
      expect.stringMatching(/^4,\d,\d$/u),
    ])
  })

  test.each(['node', 'web'])('pipe-file writes a file through a stream of %s', async (kind) => {
    const directory = await mkdtemp(join(tmpdir(), 'linger-example-'))
    const lines = join(directory, 'lines.txt')
    await writeFile(lines, Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`).join(''))
    expect(await outputOf('pipe-file', lines, kind)).toBe('every line is written\n')
    await rm(directory, { recursive: true })
    expect(new Set(await valuesInLog()).size).toBe(5_000)
  })

  test('direct-batches fills batches by hand, and sends them one after the other', async () => {
    const output = await outputOf('direct-batches')
    const offsets = /^\d+ batches, at offsets (.*)\n$/u.exec(output)?.[1]?.split(', ').map(Number) ?? []
    expect(offsets.length).toBeGreaterThan(2)
    const records = await readBackAll({ bootstrapServers, topics: [topic] })
    expect(records.map(({ value }) => String(value))).toEqual(
      Array.from({ length: 2_000 }, (_, index) => `measured ${index}`),
    )
    const batchSizes = [...offsets.slice(1), 2_000].map((next, index) => next - (offsets[index] ?? 0))
    expect([offsets[0], Math.min(...batchSizes) > 0]).toEqual([0, true])
  })

  test('serialized-orders writes keys and values of types of their own', async () => {
    expect(await outputOf('serialized-orders')).toBe('three orders are written\n')
    const records = await readBackAll({ bootstrapServers, topics: [topic] })
    expect(records.map(({ key }) => Buffer.from(key ?? []).readBigInt64BE())).toEqual([1n, 1n, 1n])
    expect(records.map(({ value }) => /"customer":"(\w+)"/u.exec(String(value))?.[1])).toEqual(['ada', 'bob', 'eve'])
  })

  test('from-properties sends as a Java producer is configured to, only that it asks other brokers', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'linger-example-'))
    const file = join(directory, 'producer.properties')
    const classes = 'org.apache.kafka.common.serialization.StringSerializer'
    const serializers = `key.serializer=${classes}\nvalue.serializer=${classes}`
    await writeFile(
      file,
      `# a comment\nbootstrap.servers = unknown.invalid:1\nlinger.ms : 5\nacks=\\\n  all\n${serializers}`,
    )
    expect(await outputOf('from-properties', file)).toMatch(/^written to partition \d at offset 0\n$/u)
    await rm(directory, { recursive: true })
    expect(await valuesInLog()).toEqual(['tea'])
  })

  test('presets sends orders at once and gathers clicks', async () => {
    expect(await outputOf('presets')).toBe('the order is written\n500 clicks are written\n')
    expect(await valuesInLog()).toHaveLength(501)
  })

  test('dead-letters writes what it can, and the rest with the reason elsewhere', async () => {
    await createTopic(bootstrapServers, `${topic}.dlq`, 1)
    expect(await outputOf('dead-letters')).toBe('tea: written\ncoffee: INVALID_ARGUMENT\n')
    const [letter, ...more] = await readBackAll({ bootstrapServers, topics: [`${topic}.dlq`] })
    await deleteTopic(bootstrapServers, `${topic}.dlq`)
    expect(await valuesInLog()).toEqual(['{"item":"tea","count":2}'])
    expect([String(letter?.key), String(letter?.value), more]).toEqual(['user-123', '{"item":"coffee","count":0}', []])
    const headers = Object.fromEntries((letter?.headers ?? []).map(([name, text]) => [name, String(text)]))
    expect(headers).toMatchObject({ 'dead-letter.topic': topic, 'dead-letter.code': 'INVALID_ARGUMENT' })
    expect(headers['dead-letter.message']).toContain('count is 0')
  })

  test('timed-records sends a reminder later, and a position only while it is true', async () => {
    expect(await outputOf('timed-records')).toBe('sent at once\nsent later\ntoo old: EXPIRED\n')
    const values = await valuesInLog()
    expect(values.toSorted()).toEqual(['at the gate', 'remember the tea'])
  })

  test('interceptors add a header and count what becomes of records', async () => {
    expect(await outputOf('interceptors')).toBe('2 sent, 1 written, 1 refused\n')
    const [record] = await readBackAll({ bootstrapServers, topics: [topic] })
    expect(record?.headers.map(([name, value]) => [name, String(value)])).toEqual([['source', 'web']])
  })

  test('topic-errors says what to do about each', async () => {
    const [missing, tooLarge, noPartition] = (await outputOf('topic-errors')).split('\n\n')
    expect(missing).toContain(`UNKNOWN_TOPIC_OR_PARTITION (never): ${topic}-missing: the topic does not exist`)
    expect(missing).toContain(`kafka-topics.sh --create --topic ${topic}-missing`)
    expect(tooLarge).toContain('MESSAGE_TOO_LARGE (never)')
    expect(tooLarge).toContain('is over maxRequestSize (1048576)')
    expect(noPartition).toContain('there is no partition 99; the topic has 0 to 2')
    expect(await valuesInLog()).toEqual([])
  })

  test('region-partitioner gives each region its own partitions', async () => {
    // The topic has three: one for each.
    expect(await outputOf('region-partitioner')).toBe('eu:1 0\nus:1 1\nap:1 2\neu:2 0\neu:1 0\n')
  })

  /** What the example prints; it ends well, and says nothing else. */
  async function outputOf(name: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runProgram(`examples/${name}.ts`, bootstrapServers, topic, ...args)
    expect([exitCode, stderr]).toEqual([0, ''])
    return stdout
  }

  async function valuesInLog(): Promise<string[]> {
    const records = await readBackAll({ bootstrapServers, topics: [topic] })
    return records.map(({ value }) => String(value))
  }
})
