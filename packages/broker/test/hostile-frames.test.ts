import {
  type Api,
  codecFor,
  createTopics,
  encodeRequestFrame,
  fetch,
  listOffsets,
  metadata,
  produce,
  ProtocolError,
  type RequestInput,
} from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { recordBatch } from './record-batch.ts'
import { TestClient } from './test-client.ts'

const SIZE_BYTES = 4
const REPLACEMENTS = [0x00, 0x01, 0x7f, 0x80, 0xff]

function frameOf<A extends Api>(api: A, version: number, request: RequestInput<A>): Buffer {
  return Buffer.from(encodeRequestFrame(codecFor(api, version), 1, 'client', request).subarray(SIZE_BYTES))
}

const offsets = { partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }
const produced = [{ name: 't', partitionData: [{ index: 0, records: recordBatch({ records: [{}, { key: 'k' }] }) }] }]
const created = [{ name: 'new', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]

const FRAMES: readonly [name: string, frame: Buffer][] = [
  ['Produce 3', frameOf(produce, 3, { acks: -1, timeoutMs: 1, topicData: produced })],
  ['Produce 12', frameOf(produce, 12, { acks: 1, timeoutMs: 1, topicData: produced })],
  ['Fetch 4', frameOf(fetch, 4, { maxWaitMs: 1, minBytes: 0, topics: [{ topic: 't', partitions: [offsets] }] })],
  ['Fetch 12', frameOf(fetch, 12, { maxWaitMs: 1, minBytes: 0, topics: [{ topic: 't', partitions: [offsets] }] })],
  ['Metadata 12', frameOf(metadata, 12, { topics: [{ name: 't' }] })],
  ['CreateTopics 7', frameOf(createTopics, 7, { topics: created, timeoutMs: 1 })],
  [
    'ListOffsets 7',
    frameOf(listOffsets, 7, {
      replicaId: -1,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
    }),
  ],
]

function clientWithTopic(): TestClient {
  const client = new TestClient()
  client.cluster.createTopic({ name: 't', partitions: 1 })
  return client
}

/** An answer, a fetch that waits, or a ProtocolError: whatever the bytes are, nothing else may come of them. */
function survives(client: TestClient, frame: Uint8Array): void {
  try {
    client.startFrame(frame).cancel()
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

describe.each(FRAMES)('%s', (_, frame) => {
  test('with any byte replaced is answered or refused', () => {
    const client = clientWithTopic()
    for (let at = 0; at < frame.length; at++) {
      for (const byte of REPLACEMENTS) {
        const changed = Buffer.from(frame)
        changed[at] = byte
        survives(client, changed)
      }
    }
  })

  test('cut anywhere is answered or refused', () => {
    const client = clientWithTopic()
    for (let length = 0; length < frame.length; length++) survives(client, frame.subarray(0, length))
  })
})
