import { createTopics, produce } from '@linger/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import type { Fault } from '../../src/index.ts'
import { recordBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

const PRODUCE = {
  acks: -1,
  timeoutMs: 1000,
  topicData: [{ name: 't', partitionData: [{ index: 0, records: recordBatch() }] }],
}
const REFUSED: Fault = { kind: 'error', errorCode: ErrorCode.NOT_CONTROLLER }

let client: TestClient

beforeEach(() => {
  client = new TestClient()
  client.cluster.createTopic({ name: 't', partitions: 1 })
})

function endOffset(): number {
  return client.cluster.partition('t', 0).log.endOffset
}

describe('a request that has gone astray', () => {
  const stray = { kind: 'stray', delayMs: 50, end: 'reset' } as const

  test('is worked on later, when its connection is gone', () => {
    client.cluster.faults.push({ api: 'Produce' }, stray)
    const { answers } = client.start(produce, 12, PRODUCE)
    expect(answers).toMatchObject([{ kind: 'reset' }])
    client.ports.pass(49)
    expect(endOffset()).toBe(0)
    client.ports.pass(1)
    expect(endOffset()).toBe(1)
    expect(answers).toHaveLength(1)
  })

  test('never arrives at a broker that is gone by then', () => {
    client.cluster.faults.push({ api: 'Produce' }, stray)
    client.start(produce, 12, PRODUCE)
    client.broker.kill()
    client.ports.pass(50)
    client.broker.restart()
    expect(endOffset()).toBe(0)
  })

  test.each([
    ['the refusal is told', [REFUSED, stray], 'response'],
    ['the connection is gone before', [stray, REFUSED], 'reset'],
  ] as const)('is not worked on when it is refused as well: %s', (_, faults, kind) => {
    client.cluster.faults.intercept(() => faults)
    const topic = { name: 'new', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
    const { answers } = client.start(createTopics, 5, { topics: [topic], timeoutMs: 1000 })
    expect(answers).toMatchObject([{ kind }])
    client.ports.pass(50)
    expect(client.cluster.topicNamed('new')).toBeUndefined()
  })
})
