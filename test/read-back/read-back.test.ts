import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import { writeKnownRecords } from './known-records.ts'
import { readBack, readBackAll } from './read-back.ts'

const kafka = inject('kafka')

describe.skipIf(kafka === null)('reading back from a real Kafka', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }

  test('null, empty and repeated are told apart', async () => {
    const topic = `known-${randomUUID()}`
    await writeKnownRecords(bootstrapServers, topic)
    const records = await readBackAll({ bootstrapServers, topics: [topic] })

    expect(records.map(({ offset, timestamp, key }) => [offset, timestamp, text(key)])).toEqual([
      [0, 1000, null],
      [1, 2000, ''],
      [2, 3000, 'a tombstone'],
      [3, 4000, 'an empty value'],
      [4, 5000, 'headers'],
      [5, 6000, 'large'],
    ])
    expect(records.slice(0, 5).map(({ value }) => text(value))).toEqual(['no key', 'an empty key', null, '', 'v'])
    expect(records[5]?.value).toEqual(Buffer.alloc(100_000))
    expect(records[4]?.headers.map(([name, value]) => [name, text(value)])).toEqual([
      ['twice', '1'],
      ['twice', '2'],
      ['null', null],
      ['empty', ''],
      ['', 'no name'],
    ])
    expect(new Set(records.map((record) => `${record.topic} ${record.partition} ${record.timestampType}`))).toEqual(
      new Set([`${topic} 0 CREATE_TIME`]),
    )
  })

  test('a large value comes as its size and SHA-256 when asked', async () => {
    const topic = `digest-${randomUUID()}`
    await writeKnownRecords(bootstrapServers, topic)
    const records = await readBackAll({ bootstrapServers, topics: [topic], digestFromBytes: 100_000 })

    expect(records.map(({ valueIsDigest }) => valueIsDigest)).toEqual([false, false, false, false, false, true])
    expect(records[2]?.valueSizeBytes).toBe(-1)
    expect(records[5]?.valueSizeBytes).toBe(100_000)
    expect(records[5]?.value).toEqual(createHash('sha256').update(Buffer.alloc(100_000)).digest())
  })

  test('an aborted transaction is seen uncommitted, and not seen committed', async () => {
    const topic = `aborted-${randomUUID()}`
    await writeKnownRecords(bootstrapServers, topic, { aborted: true })

    const uncommitted = await readBackAll({ bootstrapServers, topics: [topic] })
    const committed = await readBackAll({ bootstrapServers, topics: [topic], isolationLevel: 'read_committed' })
    expect([uncommitted.length, committed.length]).toEqual([6, 0])
  })

  test('a topic that is not there is an error that names it', async () => {
    await expect(readBack({ bootstrapServers, topics: ['not-there'] }).next()).rejects.toThrow(
      'no such topic: not-there',
    )
  })
})

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}
