import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  apiVersions,
  createTopics,
  describeProducers,
  describeTransactions,
  endTxn,
  fetch,
  findCoordinator,
  initProducerId,
  listOffsets,
  listTransactions,
  offsetFetch,
  produce,
  type RequestInput,
  txnOffsetCommit,
} from '@linger/protocol'
import { type BatchFields, idempotentBatch } from '../../packages/broker/test/record-batch.ts'
import type { BrokerWire } from './broker-wire.ts'
import { type BatchSummary, batchesIn } from './log-summary.ts'

const TIMEOUT_MS = 30_000
const TRANSACTIONAL = 0x10
const NOT_LEADER_OR_FOLLOWER = 6
const UNKNOWN_TOPIC_OR_PARTITION = 3
/** A coordinator, or the topic it keeps its knowledge in, is on its way. */
const NOT_READY: ReadonlySet<number> = new Set([14, 15, 16])
const TRANSACTION_KEY = 1
const GROUP_KEY = 0
const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1
export const PARTITIONS = 2

export interface Producer {
  readonly producerId: bigint
  readonly producerEpoch: number
}

interface Beginning {
  readonly version?: number
  readonly timeoutMs?: number
  readonly expected?: Producer
}

interface Written {
  readonly version?: number
  readonly partition?: number
  readonly sequence?: number
  readonly transactionalId?: string | null
  readonly fields?: BatchFields
}

/** A transactional producer on one connection to a single broker, request by request. */
export class TransactionalWire {
  readonly transactionalId: string
  readonly topic: string
  readonly groupId: string
  producerId = -1n
  producerEpoch = -1
  readonly #wire: BrokerWire
  readonly #producerIds: bigint[] = []

  constructor(wire: BrokerWire, name: string) {
    this.#wire = wire
    this.transactionalId = `tx-${name}`
    this.topic = `topic-${name}`
    this.groupId = `group-${name}`
  }

  /** A topic, and coordinators that are there. */
  async prepare(): Promise<void> {
    const topic = {
      name: this.topic,
      numPartitions: PARTITIONS,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }
    await this.#wire.ask(createTopics, 5, { topics: [topic], timeoutMs: TIMEOUT_MS })
    await this.#find(this.transactionalId, TRANSACTION_KEY)
    await this.#find(this.groupId, GROUP_KEY)
    while (!(await this.#hasTopic())) continue
    const request = { transactionalId: `other-${this.transactionalId}`, transactionTimeoutMs: TIMEOUT_MS }
    while (NOT_READY.has((await this.#wire.ask(initProducerId, 4, request)).errorCode)) continue
    while (NOT_READY.has((await this.offsets()).errorCode)) continue
  }

  get producer(): Producer {
    return { producerId: this.producerId, producerEpoch: this.producerEpoch }
  }

  /** It believes to have these from now on. */
  pretend(producer: Partial<Producer>): void {
    Object.assign(this, producer)
  }

  /** Answers the code, and id and epoch where there is none. */
  async init({ version = 4, timeoutMs = TIMEOUT_MS, expected }: Beginning = {}) {
    const { transactionalId } = this
    const request = { transactionalId, transactionTimeoutMs: timeoutMs, ...expected }
    const response = await this.#wire.ask(initProducerId, version, request)
    if (response.errorCode === 0) this.pretend({ ...response })
    return this.#told(response)
  }

  async add(partitions: readonly number[] = [0], version = 3, topic = this.topic) {
    const { resultsByTopicV3AndBelow: results } = await this.#wire.ask(addPartitionsToTxn, version, {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: this.producerId,
      v3AndBelowProducerEpoch: this.producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions }],
    })
    const codes = results.flatMap(({ resultsByPartition: of }) => of)
    return codes.toSorted((a, b) => a.partitionIndex - b.partitionIndex).map((one) => one.partitionErrorCode)
  }

  async addOffsets(version = 3): Promise<number> {
    const request = { ...this.#identity, groupId: this.groupId }
    return (await this.#wire.ask(addOffsetsToTxn, version, request)).errorCode
  }

  async commitOffsets(offset: bigint, fields: object = {}, version = 3) {
    const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }]
    const request = { ...this.#identity, groupId: this.groupId, topics: [{ name: this.topic, partitions }], ...fields }
    const { topics } = await this.#wire.ask(txnOffsetCommit, version, request)
    const results = topics.flatMap((topic) => topic.partitions)
    return results.toSorted((a, b) => a.partitionIndex - b.partitionIndex).map(({ errorCode }) => errorCode)
  }

  /** What the group has committed, and what it may have soon. */
  async offsets() {
    const topics = [{ name: this.topic, partitionIndexes: [0] }]
    const { groups } = await this.#wire.ask(offsetFetch, 8, {
      groups: [{ groupId: this.groupId, topics }],
      requireStable: true,
    })
    const partition = groups[0]?.topics[0]?.partitions[0]
    return {
      errorCode: groups[0]?.errorCode ?? -1,
      partitionErrorCode: partition?.errorCode,
      committedOffset: partition?.committedOffset,
    }
  }

  async write(written: Written = {}) {
    const { version = 11, partition = 0, sequence = 0, fields = {} } = written
    const { transactionalId = this.transactionalId } = written
    // Kafka puts records and the marker of years later into segments of their own, and reads one at a time.
    const stamp = { baseTimestamp: Date.now(), attributes: TRANSACTIONAL }
    const records = idempotentBatch(sequence, 1, { ...this.producer, ...stamp, ...fields })
    const topicData = [{ name: this.topic, partitionData: [{ index: partition, records }] }]
    const request = { transactionalId, acks: -1, timeoutMs: TIMEOUT_MS, topicData }
    for (;;) {
      const { responses } = await this.#wire.ask(produce, version, request)
      const answer = responses[0]?.partitionResponses[0]
      if (answer?.errorCode === NOT_LEADER_OR_FOLLOWER) continue
      const { errorCode, baseOffset, logStartOffset, errorMessage } = answer ?? {}
      return { errorCode, baseOffset, logStartOffset, hasMessage: typeof errorMessage === 'string' }
    }
  }

  /** The answer to the end of a transaction, when its markers are written. */
  async end(committed: boolean, version = 4) {
    const answer = await this.endAtOnce(committed, version)
    await this.#settle()
    return answer
  }

  async endAtOnce(committed: boolean, version: number) {
    const response = await this.#wire.ask(endTxn, version, { ...this.#identity, committed })
    if (response.errorCode === 0 && version >= 5) this.pretend({ ...response })
    return this.#told(response)
  }

  async state() {
    const request = { transactionalIds: [this.transactionalId] }
    const { transactionStates } = await this.#wire.ask(describeTransactions, 0, request)
    const [state] = transactionStates
    if (state === undefined) throw new Error('no state')
    const { topics, transactionState, transactionTimeoutMs } = state
    return {
      ...this.#told(state),
      transactionState,
      transactionTimeoutMs,
      hasBegun: state.transactionStartTimeMs > 0n,
      partitions: topics
        .flatMap(({ topic, partitions }) => partitions.map((one) => (topic === this.topic ? String(one) : topic)))
        .toSorted((a, b) => a.localeCompare(b)),
    }
  }

  async describe(transactionalIds: readonly string[]) {
    const { transactionStates } = await this.#wire.ask(describeTransactions, 0, { transactionalIds })
    return transactionStates.map((one) => ({ ...one, producerId: this.#ordinal(one.producerId) }))
  }

  /** Those of all transactions that are its own. */
  async list(filters: Partial<RequestInput<typeof listTransactions>> = {}) {
    const request = { stateFilters: [], producerIdFilters: [], ...filters }
    const { transactionStates, ...rest } = await this.#wire.ask(listTransactions, 2, request)
    const own = transactionStates.filter(({ transactionalId }) => transactionalId === this.transactionalId)
    return { ...rest, states: own.map(({ transactionState }) => transactionState) }
  }

  /** What ApiVersions tells of the protocol of transactions. */
  async feature(version: number) {
    const names = { clientSoftwareName: 'linger', clientSoftwareVersion: '1' }
    const { supportedFeatures, finalizedFeatures } = await this.#wire.ask(apiVersions, version, names)
    const isTransactions = ({ name }: { readonly name: string }): boolean => name === 'transaction.version'
    return [supportedFeatures.filter(isTransactions), finalizedFeatures.filter(isTransactions)]
  }

  /** What a partition has, for a consumer of each kind. */
  async log(partition = 0) {
    const [all, committed] = await Promise.all([
      this.#fetch(partition, READ_UNCOMMITTED),
      this.#fetch(partition, READ_COMMITTED),
    ])
    return { all, committed, producers: await this.#producersOf(partition) }
  }

  async #fetch(partition: number, isolationLevel: number) {
    const wanted = { partition, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }
    const { responses } = await this.#wire.ask(fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      isolationLevel,
      topics: [{ topic: this.topic, partitions: [wanted] }],
    })
    const answer = responses[0]?.partitions[0]
    if (answer === undefined) throw new Error('no partition in the answer')
    const { highWatermark, lastStableOffset, abortedTransactions } = answer
    const latest = await this.#wire.ask(listOffsets, 7, {
      replicaId: -1,
      isolationLevel,
      topics: [{ name: this.topic, partitions: [{ partitionIndex: partition, timestamp: -1n }] }],
    })
    return {
      highWatermark,
      lastStableOffset,
      latest: latest.topics[0]?.partitions[0]?.offset,
      aborted: abortedTransactions?.map(({ producerId, firstOffset }) => [this.#ordinal(producerId), firstOffset]),
      batches: batchesIn(answer.records).map((batch) => this.#comparable(batch)),
    }
  }

  async #producersOf(partition: number) {
    const request = { topics: [{ name: this.topic, partitionIndexes: [partition] }] }
    const { topics } = await this.#wire.ask(describeProducers, 0, request)
    return topics[0]?.partitions[0]?.activeProducers.map((one) => ({
      ...one,
      lastTimestamp: undefined,
      producerId: this.#ordinal(one.producerId),
    }))
  }

  #comparable(batch: BatchSummary) {
    return { ...batch, producerId: this.#ordinal(batch.producerId) }
  }

  #told({ errorCode, producerId, producerEpoch }: Producer & { readonly errorCode: number }) {
    if (errorCode !== 0) return { errorCode }
    return { errorCode, producerId: this.#ordinal(producerId), producerEpoch }
  }

  /** Ids differ from broker to broker: they are told by the order in which they come. */
  #ordinal(producerId: bigint): string {
    if (producerId < 0n) return String(producerId)
    if (!this.#producerIds.includes(producerId)) this.#producerIds.push(producerId)
    return `id ${this.#producerIds.indexOf(producerId)}`
  }

  async #settle(): Promise<void> {
    while ((await this.state()).transactionState.startsWith('Prepare')) continue
  }

  async #find(key: string, keyType: number): Promise<void> {
    for (;;) {
      const { coordinators } = await this.#wire.ask(findCoordinator, 4, { keyType, coordinatorKeys: [key] })
      if (coordinators[0]?.errorCode === 0) return
    }
  }

  async #hasTopic(): Promise<boolean> {
    const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n }))
    const request = { replicaId: -1, topics: [{ name: this.topic, partitions }] }
    const { topics } = await this.#wire.ask(listOffsets, 7, request)
    return topics[0]?.partitions.every(({ errorCode }) => errorCode !== UNKNOWN_TOPIC_OR_PARTITION) ?? false
  }

  get #identity() {
    const { transactionalId, producerId, producerEpoch } = this
    return { transactionalId, producerId, producerEpoch }
  }
}
