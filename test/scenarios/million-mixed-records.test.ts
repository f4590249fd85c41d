import { describe, expect, inject, test } from 'vitest'
import { deliverMixedRecords, faultless } from './mixed-delivery.ts'

const kafka = inject('kafka')
const FEWER = 20_000

describe.skipIf(kafka === null)('mixed records on a real Kafka, read by Java’s consumer', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }

  test(
    'a million come back identical in bytes, order, offset, timestamp and partition',
    { timeout: 600_000 },
    async () => {
      const recordCount = 1_000_000
      expect(await deliverMixedRecords({ bootstrapServers, recordCount, partitionCount: 6 })).toEqual(
        faultless(recordCount),
      )
    },
  )

  test.each([
    ['acks 0', { acks: 0 }],
    ['acks 1', { acks: 1 }],
    ['acks all without idempotence', { acks: 'all', enableIdempotence: false }],
    ['a linger of 20 ms', { lingerMs: 20 }],
    ['batches of 1,000 bytes', { batchSize: 1_000 }],
    ['one request at a time', { maxInFlightRequestsPerConnection: 1 }],
    ['a buffer that holds little more than the largest record', { bufferMemory: 2_000_000 }],
    ['requests of one batch', { maxProduceRequestBytes: 1 }],
    ['gzip', { compressionType: 'gzip' }],
    ['snappy', { compressionType: 'snappy' }],
    ['lz4', { compressionType: 'lz4', lingerMs: 5 }],
    ['zstd', { compressionType: 'zstd', lingerMs: 5 }],
    ['zstd and a small buffer', { compressionType: 'zstd', bufferMemory: 2_000_000 }],
  ] as const)('none is lost or changed with %s', async (_, config) => {
    const quiet = { debug() {}, info() {}, warn() {}, error() {} } // acks 0 and 1 warn that idempotence is off
    const delivery = { bootstrapServers, recordCount: FEWER, partitionCount: 3, seed: 2 }
    expect(await deliverMixedRecords({ ...delivery, config: { ...config, logger: quiet } })).toEqual(faultless(FEWER))
  })

  test.each(['send', 'sendAll'] as const)('none is lost or changed through %s', async (through) => {
    const delivery = { bootstrapServers, recordCount: FEWER, partitionCount: 3, seed: 3, through }
    expect(await deliverMixedRecords(delivery)).toEqual(faultless(FEWER))
  })

  test.each([1, 200])('none is lost or changed with partitions: %i', async (partitionCount) => {
    const delivery = { bootstrapServers, recordCount: FEWER, partitionCount, seed: 4 }
    expect(await deliverMixedRecords(delivery)).toEqual(faultless(FEWER))
  })
})
