import { fc, test } from '@fast-check/vitest'
import { codecFor, encodeRequestFrame, produce } from '@linger/protocol'
import { describe, expect } from 'vitest'
import { encodeProduceRequest } from '../../src/request/produce-request.ts'

const VERSIONS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] as const

const piece = fc.uint8Array({ maxLength: 300 })
const partition = fc.record({ index: fc.nat(), records: fc.array(piece, { maxLength: 3 }) })
const topic = fc.record({
  name: fc.string({ maxLength: 249 }),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  partitions: fc.array(partition, { maxLength: 4 }),
})
const request = fc.record({
  correlationId: fc.nat(),
  clientId: fc.string({ maxLength: 40 }),
  transactionalId: fc.option(fc.string({ maxLength: 40 })),
  acks: fc.constantFrom(-1, 0, 1),
  timeoutMs: fc.nat(),
  topics: fc.array(topic, { maxLength: 4 }),
})

describe.each(VERSIONS)('Produce version %i', (version) => {
  test.prop([request], { numRuns: 50 })('has the same bytes as from the schema', (fields) => {
    const schemas = encodeRequestFrame(codecFor(produce, version), fields.correlationId, fields.clientId, {
      transactionalId: fields.transactionalId,
      acks: fields.acks,
      timeoutMs: fields.timeoutMs,
      topicData: fields.topics.map(({ name, id, partitions }) => ({
        ...(version >= 13 ? { topicId: id } : { name }),
        partitionData: partitions.map(({ index, records }) => ({ index, records: Buffer.concat(records) })),
      })),
    })
    const pieces = encodeProduceRequest(version, fields)
    expect(Buffer.concat(pieces).toString('hex')).toBe(Buffer.from(schemas).toString('hex'))
  })

  test.prop([request], { numRuns: 10 })('has the batches themselves in it, not copies', (fields) => {
    const pieces = encodeProduceRequest(version, fields)
    for (const { partitions } of fields.topics) {
      for (const batchPiece of partitions.flatMap(({ records }) => records)) expect(pieces).toContain(batchPiece)
    }
  })
})
