import { type RunningBroker } from '@linger/broker'
import type { CompressionType } from '@linger/compression'
import { kcatWrite } from './kcat.ts'

const HEADER_BYTES = 61
const ATTRIBUTES_AT = 21
const COMPRESSION_MASK = 0b111

/** Enough for several blocks of lz4 (64 KiB). */
export const VALUES: readonly string[] = Array.from(
  { length: 2_000 },
  (_, id) => `{"id":${id},"user":"user-${(id * 7919) % 1000}","amount":${(id * 31) % 977}}`,
)

/** The compressed records of one batch, and the number of the compression in its attributes. */
export interface LibrdkafkaBatch {
  readonly id: number
  readonly bytes: Buffer
}

/** Has librdkafka write `VALUES` in one batch, and takes it out of the broker's log as it came. */
export async function librdkafkaBatch(broker: RunningBroker, type: CompressionType): Promise<LibrdkafkaBatch> {
  const topic = `librdkafka-${type}`
  const { cluster } = broker.broker
  cluster.createTopic({ name: topic, partitions: 1 })
  const settings = { 'compression.codec': type, 'linger.ms': '1000', 'batch.num.messages': String(VALUES.length) }
  await kcatWrite(broker.bootstrapServers, topic, settings, VALUES)
  const batch = Buffer.from(cluster.partition(topic, 0).log.read(0, Number.MAX_SAFE_INTEGER, true))
  const sizeBytes = 12 + batch.readInt32BE(8)
  if (sizeBytes !== batch.length)
    throw new Error(`kcat wrote more than one batch: ${sizeBytes} of ${batch.length} bytes`)
  return { id: batch.readInt16BE(ATTRIBUTES_AT) & COMPRESSION_MASK, bytes: batch.subarray(HEADER_BYTES) }
}
