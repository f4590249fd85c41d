import { type RunningBroker, startBroker } from '@linger/broker'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import {
  type BatchFields,
  idempotentBatch,
  recordBatch,
  type RecordFields,
  varint,
} from '../../packages/broker/test/record-batch.ts'
import { ProduceConnection, type Verdict } from './produce-connection.ts'

const kafka = inject('kafka')
const SEQUENCE_MAX = 2 ** 31 - 1
const NOW = Date.now()
const HOUR_MS = 3_600_000

interface Case {
  readonly name: string
  readonly config?: Readonly<Record<string, string>>
  readonly acks?: number
  /** Sent one after the other to one partition of a fresh topic. */
  readonly batches: readonly (Uint8Array | null)[]
}

const one = recordBatch()
const records = (...fields: readonly RecordFields[]): Uint8Array[] => [recordBatch({ records: fields })]
const header = (fields: BatchFields): Uint8Array[] => [recordBatch(fields)]
const ofEpoch = (producerEpoch: number, ...sequences: readonly number[]): Uint8Array[] =>
  sequences.map((sequence) => idempotentBatch(sequence, 1, { producerEpoch }))

const CASES: readonly Case[] = [
  { name: 'a right batch, twice', batches: [one, one] },
  { name: 'no bytes', batches: [Buffer.alloc(0)] },
  { name: 'a cut batch', batches: [one.subarray(0, -1)] },
  { name: 'a batch cut before its magic', batches: [one.subarray(0, 16)] },
  { name: 'two batches', batches: [Buffer.concat([one, one])] },
  { name: 'a batch and a piece', batches: [Buffer.concat([one, one.subarray(0, 40)]), one] },
  { name: 'a batch and zeros', batches: [Buffer.concat([one, Buffer.alloc(20)])] },
  { name: 'magic 1', batches: header({ magic: 1 }) },
  { name: 'magic 3', batches: header({ magic: 3 }) },
  { name: 'a length below any batch', batches: header({ length: 13 }) },
  { name: 'a length below the header', batches: [recordBatch({ length: 48 }).subarray(0, 60)] },
  { name: 'a wrong checksum', batches: header({ crc: 1 }) },
  { name: 'a base offset', batches: header({ baseOffset: 1n }) },
  { name: 'a base offset and a wrong checksum', batches: header({ baseOffset: 1n, crc: 1 }) },
  { name: 'a last offset delta beyond the records', batches: header({ lastOffsetDelta: 1 }) },
  { name: 'a negative last offset delta', batches: header({ lastOffsetDelta: -1 }) },
  { name: 'no records', batches: header({ recordCount: 0, lastOffsetDelta: -1, recordBytes: Buffer.alloc(0) }) },
  { name: 'more records counted than there', batches: header({ recordCount: 2, lastOffsetDelta: 1 }) },
  {
    name: 'fewer records counted than there',
    batches: header({ records: [{}, {}], recordCount: 1, lastOffsetDelta: 0 }),
  },
  { name: 'a control batch', batches: header({ attributes: 0x20 }) },
  { name: 'a producer id without sequence', batches: header({ producerId: 7n, producerEpoch: 0 }) },
  { name: 'an unknown compression type', batches: header({ attributes: 5 }) },
  { name: 'the broker’s timestamp type', batches: header({ attributes: 8 }) },
  { name: 'the broker’s timestamp type without timestamp', batches: header({ attributes: 8, baseTimestamp: -1 }) },
  {
    name: 'the broker’s timestamp type two hours ahead',
    batches: header({ attributes: 8, maxTimestamp: NOW + 2 * HOUR_MS }),
  },
  {
    name: 'the broker’s timestamp type, where the broker stamps',
    config: { 'message.timestamp.type': 'LogAppendTime' },
    batches: header({ attributes: 8 }),
  },
  {
    name: 'a transactional batch without transactional id',
    batches: header({ attributes: 0x10, producerId: 7n, producerEpoch: 0, baseSequence: 0 }),
  },
  { name: 'a record longer than the batch', batches: records({ length: 1000 }) },
  { name: 'a record shorter than its fields', batches: records({ value: 'value', length: 5 }) },
  { name: 'bytes behind the last field', batches: records({ body: Buffer.from('00000001010000ff', 'hex') }) },
  { name: 'a header without key', batches: records({ headers: [[null, 'v']] }) },
  {
    name: 'more headers than bytes',
    batches: records({ body: Buffer.concat([Buffer.from('0000000101', 'hex'), varint(100)]) }),
  },
  { name: 'a timestamp two hours ahead', batches: header({ baseTimestamp: NOW + 2 * HOUR_MS }) },
  {
    name: 'one of three timestamps two hours ahead',
    batches: [recordBatch({ baseTimestamp: NOW, records: [{}, { timestampDelta: 2 * HOUR_MS }, {}] })],
  },
  { name: 'a record without timestamp', batches: header({ baseTimestamp: -1 }) },
  {
    name: 'a timestamp two hours ahead, where the broker stamps',
    config: { 'message.timestamp.type': 'LogAppendTime' },
    batches: header({ baseTimestamp: NOW + 2 * HOUR_MS }),
  },
  {
    name: 'records without key on a compacted topic',
    config: { 'cleanup.policy': 'compact' },
    batches: records({}, { key: 'k' }, {}),
  },
  {
    name: 'a batch of the largest size, and one byte more',
    config: { 'max.message.bytes': '1000' },
    batches: [1000, 1001].map((size) => recordBatch({ records: [{ value: 'x'.repeat(size - 72) }] })),
  },
  { name: 'acks that do not exist', acks: 2, batches: [one] },
  { name: 'fewer replicas than min.insync.replicas', config: { 'min.insync.replicas': '2' }, batches: [one] },
  { name: 'sequences in order', batches: ofEpoch(0, 0, 1, 2) },
  { name: 'a gap', batches: ofEpoch(0, 0, 2, 1, 2) },
  { name: 'each of the last five again', batches: ofEpoch(0, 0, 1, 2, 3, 4, 0, 4, 2, 1, 3, 5) },
  { name: 'a sixth makes the first unknown', batches: ofEpoch(0, 0, 1, 2, 3, 4, 5, 0, 1) },
  {
    name: 'a part of a known batch, and one beyond it',
    batches: [idempotentBatch(0, 4), idempotentBatch(0, 3), idempotentBatch(1, 3), idempotentBatch(0, 5)],
  },
  { name: 'an unknown producer begins at 42', batches: ofEpoch(0, 42, 43, 42) },
  { name: 'an older epoch', batches: [...ofEpoch(1, 0), ...ofEpoch(0, 1), ...ofEpoch(0, 0)] },
  {
    name: 'a newer epoch',
    batches: [...ofEpoch(0, 0), ...ofEpoch(1, 1), ...ofEpoch(0, 1), ...ofEpoch(1, 0, 1), ...ofEpoch(0, 1)],
  },
  { name: 'a new epoch knows no old batch', batches: [...ofEpoch(0, 0, 1), ...ofEpoch(1, 0, 1, 1)] },
  { name: 'the wrap between batches', batches: ofEpoch(0, SEQUENCE_MAX, 1, 0, 1, SEQUENCE_MAX) },
  { name: 'a gap across the wrap', batches: ofEpoch(0, SEQUENCE_MAX - 1, 0, SEQUENCE_MAX, 1, 0) },
  {
    name: 'the last five across the wrap, and the sixth',
    batches: ofEpoch(
      0,
      SEQUENCE_MAX - 2,
      SEQUENCE_MAX - 1,
      SEQUENCE_MAX,
      0,
      1,
      2,
      SEQUENCE_MAX - 1,
      2,
      SEQUENCE_MAX,
      SEQUENCE_MAX - 2,
      3,
    ),
  },
  { name: 'a sequence that does not wrap to 0', batches: ofEpoch(0, SEQUENCE_MAX, SEQUENCE_MAX, -1) },
  { name: 'a new epoch at the wrap', batches: [...ofEpoch(0, SEQUENCE_MAX), ...ofEpoch(1, 0), ...ofEpoch(0, 0)] },
  { name: 'two epochs further', batches: [...ofEpoch(0, 0), ...ofEpoch(2, 1, 0, 1), ...ofEpoch(1, 0)] },
  {
    name: 'two producers in turn',
    batches: [7n, 8n, 7n, 8n, 7n].map((producerId, at) => idempotentBatch(at >> 1, 1, { producerId })),
  },
  {
    name: 'a duplicate with other records is taken for the batch it is not',
    batches: [idempotentBatch(0, 1), idempotentBatch(0, 1, { records: [{ value: 'other' }] }), idempotentBatch(1, 1)],
  },
  {
    name: 'a refused batch leaves no trace of its producer',
    batches: [idempotentBatch(0, 1, { crc: 1 }), idempotentBatch(5, 1), idempotentBatch(6, 1)],
  },
  {
    name: 'the wrap inside a batch',
    batches: [
      idempotentBatch(SEQUENCE_MAX - 1, 4),
      idempotentBatch(SEQUENCE_MAX - 1, 4),
      idempotentBatch(1, 1),
      idempotentBatch(2, 1),
    ],
  },
]

// Older brokers differ: no limit for times in the future, and min.insync.replicas counted regardless of replicas.
describe.skipIf(kafka?.version.startsWith('4.') !== true)('the embedded broker judges as a real Kafka 4 does', () => {
  let broker: RunningBroker
  let embedded: ProduceConnection
  let real: ProduceConnection

  beforeAll(async () => {
    broker = await startBroker()
    embedded = await ProduceConnection.open(broker.bootstrapServers)
    real = await ProduceConnection.open(kafka?.bootstrapServers ?? '')
  })

  afterAll(async () => {
    embedded.close()
    real.close()
    await broker.close()
  })

  test.each(CASES)('$name', async (one) => {
    const expected = await verdicts(real, one)
    expect(await verdicts(embedded, one)).toEqual(expected)
  })

  // What a client must never send and Kafka does not look at: consumers would see other offsets than were acknowledged.
  test('offset deltas with a gap are appended by Kafka and refused here', async () => {
    const gap: Case = { name: 'gap', batches: records({}, { offsetDelta: 2 }) }
    expect(await verdicts(real, gap)).toMatchObject([{ errorCode: 0 }])
    expect(await verdicts(embedded, gap)).toMatchObject([{ errorCode: 87 }])
  })
})

async function verdicts(connection: ProduceConnection, { config = {}, acks = -1, batches }: Case): Promise<Verdict[]> {
  const topic = `verdict-${randomUUID()}`
  await connection.createTopic(topic, config)
  const got: Verdict[] = []
  for (const batch of batches) got.push(await connection.produce(topic, batch, acks))
  return got
}
