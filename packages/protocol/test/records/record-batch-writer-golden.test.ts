import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BATCH_HEADER_BYTES, RecordBatchWriter } from '../../src/index.ts'
import { goldenLines } from '../golden-vectors.ts'

interface GoldenBatch {
  readonly name: string
  readonly producerId: string
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly records: readonly {
    readonly timestamp: string
    readonly key: string | null
    readonly value: string | null
    readonly headers: readonly (readonly [string, string | null])[]
  }[]
  readonly bytes: string
}

/** Before the magic stand the base offset and the leader epoch, which are the broker's to write. */
const PRODUCER_WRITES_FROM = 16

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what test/java/GoldenRecordBatches.java writes
const golden = goldenLines('record-batches.jsonl') as GoldenBatch[]

const binary = (base64: string | null): Buffer | null => (base64 === null ? null : Buffer.from(base64, 'base64'))

/** Writes the records of a golden batch, each into a buffer of its own that just fits. */
function written(name: string): { ours: Buffer; kafkas: Buffer } {
  const batch = golden.find((candidate) => candidate.name === name)
  if (batch === undefined) throw new Error(`no golden batch '${name}'`)
  const writer = new RecordBatchWriter(Buffer.alloc(BATCH_HEADER_BYTES))
  for (const { timestamp, key, value, headers } of batch.records) {
    const append = (): number =>
      writer.tryAppend(
        Number(timestamp),
        binary(key),
        binary(value),
        headers.map(([header, content]) => [header, binary(content)] as const),
      )
    const wantedBytes = append()
    expect(wantedBytes).toBeGreaterThan(writer.length)
    writer.extend(Buffer.alloc(wantedBytes - writer.length, 0xff))
    expect(append()).toBe(0)
  }
  const { producerEpoch, baseSequence } = batch
  const ours = Buffer.concat(
    writer.seal({ producerId: BigInt(batch.producerId), producerEpoch, baseSequence, isTransactional: false }),
  )
  return { ours, kafkas: Buffer.from(batch.bytes, 'base64') }
}

test.each(['plain', 'idempotent'])('a batch is, byte for byte, what Kafka writes: %s', (name) => {
  const { ours, kafkas } = written(name)
  expect(ours.subarray(PRODUCER_WRITES_FROM).toString('hex')).toBe(
    kafkas.subarray(PRODUCER_WRITES_FROM).toString('hex'),
  )
})

test('long values, and times further apart than 32 bits hold, are what Kafka writes', () => {
  const { ours, kafkas } = written('large')
  const kafkasRecords = gunzipSync(kafkas.subarray(BATCH_HEADER_BYTES))
  expect(ours.subarray(BATCH_HEADER_BYTES).toString('hex')).toBe(kafkasRecords.toString('hex'))
})
