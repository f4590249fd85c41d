import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { RequestLog } from '../../src/faults/request-log.ts'
import { produced } from '../produced.ts'
import { recordBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

function clientWithTopic(): TestClient {
  const client = new TestClient()
  client.cluster.createTopic({ name: 't', partitions: 1 })
  return client
}

describe('the request log', () => {
  test('has what was asked and answered, and when', () => {
    const client = clientWithTopic()
    const records = recordBatch()
    client.cluster.faults.push({ api: 'Produce' }, { kind: 'delay', delayMs: 70 })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    client.start(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
    const [entry] = client.cluster.requests.entries
    expect(entry).toMatchObject({
      nodeId: 1,
      ordinal: 1,
      apiName: 'Produce',
      apiVersion: 12,
      clientId: 'test',
      faults: [{ kind: 'delay', delayMs: 70 }],
      answeredAtMs: undefined,
      answerKind: undefined,
    })
    client.ports.pass(70)
    const [exchange] = client.cluster.requests.of(produce)
    expect(exchange).toMatchObject({ answerKind: 'response', answeredAtMs: (entry?.atMs ?? 0) + 70 })
    expect(Buffer.from(exchange?.request.topicData[0]?.partitionData[0]?.records ?? [])).toEqual(records)
    expect(exchange?.response?.responses[0]?.partitionResponses[0]?.baseOffset).toBe(0n)
    expect(client.cluster.requests.of(metadata)).toEqual([])
  })

  test('remembers no more requests than it may', () => {
    const client = clientWithTopic()
    for (let count = 0; count < 120; count++) client.call(metadata, 12, { topics: [] })
    const { entries } = client.cluster.requests
    expect(entries).toHaveLength(100)
    expect([entries[0]?.ordinal, entries.at(-1)?.ordinal]).toEqual([21, 120])
  })

  test('remembers no more bytes than it may, and of the rest that it was there', () => {
    const log = new RequestLog({ count: 10, bytes: 250 })
    for (let ordinal = 1; ordinal <= 5; ordinal++) {
      const onAnswer = log.onRequest(received(ordinal), 0, [])
      onAnswer({ kind: 'response', frame: new Uint8Array(50) }, 1)
    }
    expect(log.entries.map(({ frame }) => frame?.length)).toEqual([undefined, undefined, undefined, 50, 50])
    expect(log.entries.map(({ answerKind }) => answerKind)).toEqual(Array.from({ length: 5 }, () => 'response'))
  })

  test('an answer whose request was forgotten takes no place', () => {
    const log = new RequestLog({ count: 10, bytes: 100 })
    const onAnswer = log.onRequest(received(1), 0, [])
    log.onRequest(received(2), 0, [])
    log.onRequest(received(3), 0, [])
    onAnswer({ kind: 'response', frame: new Uint8Array(50) }, 1)
    expect(log.entries.map(({ frame, answerFrame }) => [frame?.length, answerFrame?.length])).toEqual([
      [undefined, undefined],
      [50, undefined],
      [50, undefined],
    ])
  })

  test('cleared it is empty, and goes on', () => {
    const client = clientWithTopic()
    produced(client)
    client.cluster.requests.clear()
    expect(client.cluster.requests.entries).toEqual([])
    produced(client)
    expect(client.cluster.requests.entries).toMatchObject([{ ordinal: 2 }])
  })

  test('is off unless it is asked for', () => {
    expect(new RequestLog({}).isOn).toBe(false)
  })
})

function received(ordinal: number) {
  return {
    nodeId: 1,
    connectionId: 1,
    ordinal,
    apiName: 'Produce',
    apiKey: 0,
    apiVersion: 12,
    correlationId: ordinal,
    clientId: null,
    frame: new Uint8Array(50),
    bodyOffset: 0,
    topicPartitions: [],
  }
}
