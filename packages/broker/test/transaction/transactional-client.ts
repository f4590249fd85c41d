import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  produce,
  txnOffsetCommit,
} from '@linger/protocol'
import type { BrokerConfig } from '../../src/index.ts'
import { type BatchFields, idempotentBatch } from '../record-batch.ts'
import { responseIn, TestClient } from '../test-client.ts'

export const TRANSACTIONAL_ID = 'tx'
export const TIMEOUT_MS = 60_000
const TRANSACTIONAL = 0x10
/** The one after it is never given to a client. */
const EPOCH_LAST = 32_766

interface Beginning {
  readonly version?: number
  readonly timeoutMs?: number
  /** What the producer says it has. */
  readonly expected?: { readonly producerId: bigint; readonly producerEpoch: number }
}

interface Written {
  readonly version?: number
  readonly partition?: number
  readonly sequence?: number
  readonly fields?: BatchFields
}

/** A transactional producer, request by request. It believes what it is told, and nothing else. */
export class TransactionalClient {
  readonly transactionalId: string
  producerId = -1n
  producerEpoch = -1
  #client: TestClient

  constructor(client: TestClient, transactionalId: string = TRANSACTIONAL_ID) {
    this.#client = client
    this.transactionalId = transactionalId
  }

  /** It speaks to this broker from now on. */
  use(client: TestClient): void {
    this.#client = client
  }

  init({ version = 5, timeoutMs = TIMEOUT_MS, expected }: Beginning = {}): number {
    const request = { transactionalId: this.transactionalId, transactionTimeoutMs: timeoutMs, ...expected }
    const { errorCode, producerId, producerEpoch } = this.#client.call(initProducerId, version, request)
    if (errorCode === 0) Object.assign(this, { producerId, producerEpoch })
    return errorCode
  }

  add(partitions: readonly number[] = [0], version = 3, topic = 't'): number[] {
    const { resultsByTopicV3AndBelow: results } = this.#client.call(addPartitionsToTxn, version, {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: this.producerId,
      v3AndBelowProducerEpoch: this.producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions }],
    })
    return results.flatMap(({ resultsByPartition: of }) => of.map(({ partitionErrorCode }) => partitionErrorCode))
  }

  addOffsets(groupId = 'g', version = 4): number {
    return this.#client.call(addOffsetsToTxn, version, { ...this.#identity, groupId }).errorCode
  }

  commitOffsets(offset: bigint, fields: object = {}, version = 5): number | undefined {
    const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }]
    const request = { ...this.#identity, groupId: 'g', topics: [{ name: 't', partitions }], ...fields }
    return this.#client.call(txnOffsetCommit, version, request).topics[0]?.partitions[0]?.errorCode
  }

  write(written: Written = {}): number | undefined {
    return this.startWrite(written)()
  }

  /** A Produce request on its way: undefined as long as it is not answered. */
  startWrite({ version = 12, partition = 0, sequence = 0, fields = {} }: Written = {}): () => number | undefined {
    const { producerId, producerEpoch, transactionalId } = this
    const records = idempotentBatch(sequence, 1, { producerId, producerEpoch, attributes: TRANSACTIONAL, ...fields })
    const topicData = [{ name: 't', partitionData: [{ index: partition, records }] }]
    const { answers } = this.#client.start(produce, version, { transactionalId, acks: -1, timeoutMs: 1000, topicData })
    return () => {
      if (answers.length === 0) return undefined
      return responseIn(produce, version, answers[0]).responses[0]?.partitionResponses[0]?.errorCode
    }
  }

  /** A producer of the new protocol takes over the id and epoch it is given. */
  end(committed: boolean, version = 5): number {
    const { errorCode, producerId, producerEpoch } = this.#client.call(endTxn, version, {
      ...this.#identity,
      committed,
    })
    if (errorCode === 0 && version >= 5) Object.assign(this, { producerId, producerEpoch })
    return errorCode
  }

  get state(): string | undefined {
    const request = { transactionalIds: [this.transactionalId] }
    return this.#client.call(describeTransactions, 0, request).transactionStates[0]?.transactionState
  }

  get #identity() {
    const { transactionalId, producerId, producerEpoch } = this
    return { transactionalId, producerId, producerEpoch }
  }
}

/** A producer that has its id and epoch, and topic `t` with three partitions. */
export function begun(config: Partial<BrokerConfig> = {}): { client: TestClient; tx: TransactionalClient } {
  const client = new TestClient(config)
  client.cluster.createTopic({ name: 't', partitions: 3 })
  const tx = new TransactionalClient(client)
  if (tx.init() !== 0) throw new Error('no producer id')
  return { client, tx }
}

/** The producer has the last epoch of its id. */
export function useUpEpochs({ cluster }: TestClient, tx: TransactionalClient): void {
  const transaction = cluster.transactions.get(tx.transactionalId)
  if (transaction === undefined) throw new Error('it has not begun')
  const { metadata } = transaction
  while (metadata.producerEpoch < EPOCH_LAST) metadata.incrementEpoch(TIMEOUT_MS, undefined)
  tx.producerEpoch = EPOCH_LAST
}
