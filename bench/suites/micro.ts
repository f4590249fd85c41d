import {
  codecFor,
  crc32c,
  crc32cImplementation,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  produce,
  Writer,
  NO_HEADERS,
  NOT_IDEMPOTENT,
  RecordBatchWriter,
} from '@linger/protocol'
import { Bench } from 'tinybench'
import { murmur2 } from '../../packages/producer/src/partition/murmur2.ts'
import type { Suite } from './suite.ts'

const NAME = 'micro'
const PRODUCE_VERSION = 12
const PARTITIONS = 6
/** A timer costs more than one of these operations: each is timed a thousand at a time. */
const OPERATIONS = 1_000

/** The pieces of the hot path alone, for finding where a change in the end-to-end figures comes from. */
export const micro: Suite = {
  name: NAME,
  about: 'append, CRC, varint, murmur2, Produce encode, response decode (tinybench)',
  async run({ quick, progress }) {
    progress(`${NAME}: running`)
    const bench = new Bench({ time: quick ? 50 : 1_000, warmupTime: quick ? 20 : 250 })
    for (const [name, operation] of Object.entries(operations())) bench.add(name, () => repeat(operation))
    await bench.run()

    const figures = bench.tasks.map(({ name, result }) => {
      if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
      const { p50, p99, rme } = result.latency
      return [name, nanosecondsEach(p50), nanosecondsEach(p99), rme.toFixed(1)]
    })
    return {
      suite: NAME,
      tables: [
        {
          title: 'One operation, measured a thousand at a time',
          header: ['operation', 'p50 ns', 'p99 ns', '± %'],
          rows: figures,
        },
      ],
      claims: [],
      runs: figures,
    }
  },
}

function nanosecondsEach(ms: number): string {
  return ((ms * 1e6) / OPERATIONS).toFixed(1)
}

function repeat(operation: (index: number) => void): void {
  for (let index = 0; index < OPERATIONS; index++) operation(index)
}

/** Every operation feeds `used`, so that none can be optimized away. */
let used = 0

function operations(): Record<string, (index: number) => void> {
  const value = Buffer.alloc(100, 'x')
  const key = Buffer.from('user-1234567890')
  const kilobytes16 = Buffer.alloc(16 * 1024, 'x')
  const buffer = Buffer.alloc(OPERATIONS * 128)
  const codec = codecFor(produce, PRODUCE_VERSION)
  const request = produceRequest(value)
  const response = produceResponse()
  let batch = new RecordBatchWriter(buffer)
  let writer = new Writer(OPERATIONS * 5)

  return {
    'append a 100-byte record': (index) => {
      if (index === 0) batch = new RecordBatchWriter(buffer)
      used += batch.tryAppend(1_700_000_000_000 + index, null, value, NO_HEADERS)
    },
    [`CRC-32C of 16 KiB (${crc32cImplementation()})`]: () => {
      used += crc32c(kilobytes16)
    },
    'write an unsigned varint': (index) => {
      if (index === 0) writer = new Writer(OPERATIONS * 5)
      writer.uvarint(index)
    },
    'murmur2 of a 15-byte key': () => {
      used += murmur2(key)
    },
    [`encode Produce ${PRODUCE_VERSION}, ${PARTITIONS} partitions`]: (index) => {
      used += encodeRequestFrame(codec, index, 'bench', request).length
    },
    [`decode its response`]: () => {
      used += decodeResponseFrame(codec, response).correlationId
    },
  }
}

function produceRequest(value: Buffer) {
  const partitionData = Array.from({ length: PARTITIONS }, (_, index) => {
    const batch = new RecordBatchWriter(Buffer.alloc(1_024))
    batch.tryAppend(1_700_000_000_000, null, value, NO_HEADERS)
    return { index, records: Buffer.concat(batch.seal(NOT_IDEMPOTENT)) }
  })
  return { acks: -1, timeoutMs: 30_000, topicData: [{ name: 'orders', partitionData }] }
}

/** Without its size, as a FrameReader gives it. */
function produceResponse(): Uint8Array {
  const partitionResponses = Array.from({ length: PARTITIONS }, (_, index) => ({
    index,
    errorCode: 0,
    baseOffset: 1_234_567n,
  }))
  const codec = codecFor(produce, PRODUCE_VERSION)
  return encodeResponseFrame(codec, 1, { responses: [{ name: 'orders', partitionResponses }] }).subarray(4)
}
