import type { Cluster, Interceptor } from '@linger/broker'
import { codecFor, decodeResponseFrame, encodeResponseFrame, initProducerId } from '@linger/protocol'
import type { PartitionQueue } from '../../packages/producer/src/accumulate/partition-queue.ts'
import { BatchStamp } from '../../packages/producer/src/idempotence/batch-stamp.ts'
import { ProducerIdSource } from '../../packages/producer/src/idempotence/producer-id-source.ts'

/** How far producers have counted before a history begins: years of sending, without the years. */
export interface Age {
  /** Of each new producer id. */
  readonly epoch: number
  /** Of the first record of a partition in that epoch. A broker without state of the producer takes any. */
  readonly sequence: number
}

export const NEWBORN: Age = { epoch: 0, sequence: 0 }

const SIZE_BYTES = 4

/** Brokers that give out producer ids with an epoch that is nearly used up. */
export function agedEpochs({ epoch }: Age): Interceptor {
  return ({ apiKey, apiVersion }) => {
    if (apiKey !== initProducerId.apiKey || epoch === 0) return undefined
    const codec = codecFor(initProducerId, apiVersion)
    const alter = (frame: Uint8Array): Uint8Array => {
      const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(SIZE_BYTES))
      if (response.errorCode === 0) response.producerEpoch = epoch
      return encodeResponseFrame(codec, correlationId, response)
    }
    return { kind: 'alter', alter }
  }
}

const LONGEST_TIMEOUT_MS = 60_000

/** Transactional ids that have had many producers before. */
export function ageTransactionalIds(cluster: Cluster, transactionalIds: readonly string[], epochs: number): void {
  for (const id of transactionalIds) {
    const coordinator = cluster.transactionCoordinatorFor(id)
    for (let left = epochs; left > 0; left--) coordinator.initProducerId(id, LONGEST_TIMEOUT_MS)
  }
}

let current = NEWBORN

/** Producers of this thread are so old from now on. */
export function setAge(age: Age): void {
  current = age
}

/** The partition whose batch is being stamped. */
let stamping: PartitionQueue | undefined

const { bytesOf } = BatchStamp.prototype

BatchStamp.prototype.bytesOf = function (batch) {
  stamping = batch.partition
  try {
    return bytesOf.call(this, batch)
  } finally {
    stamping = undefined
  }
}

const identityOf = Object.getOwnPropertyDescriptor(ProducerIdSource.prototype, 'identity')?.get

Object.defineProperty(ProducerIdSource.prototype, 'identity', {
  get(this: ProducerIdSource) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the getter that was there
    const identity = identityOf?.call(this) as ProducerIdSource['identity']
    const isFirst = stamping?.sequence?.identity !== identity
    if (stamping !== undefined && isFirst && current.sequence > 0 && identity?.epoch === current.epoch)
      stamping.sequence = { identity, next: current.sequence }
    return identity
  },
})
