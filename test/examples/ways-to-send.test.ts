import { randomUUID } from 'node:crypto'
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
