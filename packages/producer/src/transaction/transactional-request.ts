import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  txnOffsetCommit,
  type ResponseOf,
} from '@linger/protocol'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import { KafkaError } from '../errors.ts'
import type { ProducerIdentity } from '../idempotence/producer-identity.ts'
import type { Connection } from '../network/connection.ts'
import { namesMember, type CheckedOffset, type ConsumerGroupMetadata } from './consumer-offsets.ts'
import type { CoordinatorKey } from './coordinators.ts'
import { decisiveCode, type TransactionalApi } from './transaction-reaction.ts'
import { EPOCH_BUMP_VERSION } from './transaction-version.ts'

/** One request to a coordinator. */
export interface TransactionalRequest {
  readonly api: TransactionalApi
  readonly coordinator: CoordinatorKey
  /** @param onAnswer the error without an answer, or the code that decides what becomes of the request */
  send(connection: Connection, onAnswer: OnAnswer): void
  /** It may be on its way. */
  onSent?(): void
  /** It has an answer, whichever: nobody is at it any more. */
  onAnswered?(): void
  /** It succeeded. */
  onDone(): void
  /** It was refused, and will not be asked again. */
  onRefused?(error: KafkaError): void
}

/** What happens to a request. */
type RequestEvents = Pick<TransactionalRequest, 'onSent' | 'onAnswered' | 'onDone' | 'onRefused'>

type OnAnswer = (error: Error | undefined, errorCode: number) => void

/** Who asks. */
export interface TransactionalSender {
  readonly transactionalId: string
  readonly identity: ProducerIdentity
}

/** The first version that says which member of a group commits (KIP-447). */
const MEMBER_VERSION = 3
/** The newest versions of transactions v1 (KIP-890). */
const TXN_OFFSET_COMMIT_V1_MAX = 4
const END_TXN_V1_MAX = 4

const REQUEST_TIMED_OUT = 7

/** @source Kafka TransactionState */
const BEING_WRITTEN: ReadonlySet<string> = new Set(['PrepareCommit', 'PrepareAbort'])

/**
 * @param identity what the producer has already: the answer is the same id in a new epoch, unless another producer has
 *   taken over. Undefined: take over from whoever had the transactional id
 */
export function initProducerIdRequest(
  transactionalId: string,
  transactionTimeoutMs: number,
  identity: ProducerIdentity | undefined,
  onIdentity: (identity: ProducerIdentity) => void,
): TransactionalRequest {
  let answered: ProducerIdentity | undefined
  return {
    api: 'InitProducerId',
    coordinator: { type: 'TRANSACTION', key: transactionalId },
    send(connection, onAnswer) {
      const knows = identity !== undefined && (connection.versionOf(initProducerId) ?? 0) >= EPOCH_BUMP_VERSION
      const own = knows ? { producerId: identity.producerId, producerEpoch: identity.epoch } : {}
      connection.request(initProducerId, { transactionalId, transactionTimeoutMs, ...own }, (error, response) => {
        if (response !== undefined) answered = { producerId: response.producerId, epoch: response.producerEpoch }
        onAnswer(error, response?.errorCode ?? 0)
      })
    },
    onDone() {
      if (answered !== undefined) onIdentity(answered)
    },
  }
}

export function addPartitionsRequest(
  { transactionalId, identity }: TransactionalSender,
  partitions: readonly PartitionQueue[],
  events: RequestEvents,
): TransactionalRequest {
  return {
    api: 'AddPartitionsToTxn',
    coordinator: { type: 'TRANSACTION', key: transactionalId },
    send(connection, onAnswer) {
      const request = {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: identity.producerId,
        v3AndBelowProducerEpoch: identity.epoch,
        v3AndBelowTopics: [...groupedBy(partitions, ({ topic }) => topic.name)].map(([name, ofTopic]) => ({
          name,
          partitions: ofTopic.map(({ index }) => index),
        })),
      }
      connection.request(addPartitionsToTxn, request, (error, response) =>
        onAnswer(error, response === undefined ? 0 : addPartitionsCode(response)),
      )
    },
    ...events,
  }
}

function addPartitionsCode({ resultsByTopicV3AndBelow }: ResponseOf<typeof addPartitionsToTxn>): number {
  const codes = resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
    resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
  )
  return decisiveCode('AddPartitionsToTxn', codes)
}

export function addOffsetsRequest(
  { transactionalId, identity }: TransactionalSender,
  groupId: string,
  events: RequestEvents,
): TransactionalRequest {
  return {
    api: 'AddOffsetsToTxn',
    coordinator: { type: 'TRANSACTION', key: transactionalId },
    send(connection, onAnswer) {
      const request = { transactionalId, producerId: identity.producerId, producerEpoch: identity.epoch, groupId }
      connection.request(addOffsetsToTxn, request, (error, response) => onAnswer(error, response?.errorCode ?? 0))
    },
    ...events,
  }
}

/**
 * @param offsets by topic and partition; those that are committed are taken out
 * @param isV2 the commit itself enrols the group in the transaction
 */
export function commitOffsetsRequest(
  { transactionalId, identity }: TransactionalSender,
  group: ConsumerGroupMetadata,
  offsets: Map<string, CheckedOffset>,
  isV2: boolean,
  events: RequestEvents,
): TransactionalRequest {
  return {
    api: 'TxnOffsetCommit',
    coordinator: { type: 'GROUP', key: group.groupId },
    send(connection, onAnswer) {
      const knowsMembers = (connection.versionOf(txnOffsetCommit) ?? 0) >= MEMBER_VERSION
      if (!knowsMembers && namesMember(group)) {
        onAnswer(groupNotChecked(group.groupId), 0)
        return
      }
      const { groupId, generationId = -1, memberId = '', groupInstanceId = null } = group
      const request = {
        transactionalId,
        groupId,
        producerId: identity.producerId,
        producerEpoch: identity.epoch,
        ...(knowsMembers ? { generationId, memberId, groupInstanceId } : {}),
        topics: [...groupedBy(offsets.values(), ({ topic }) => topic)].map(([name, ofTopic]) => ({
          name,
          partitions: ofTopic.map(({ partition, offset, leaderEpoch, metadata }) => ({
            partitionIndex: partition,
            committedOffset: offset,
            committedLeaderEpoch: leaderEpoch,
            committedMetadata: metadata,
          })),
        })),
      }
      const versionMax = isV2 ? undefined : TXN_OFFSET_COMMIT_V1_MAX
      connection.request(
        txnOffsetCommit,
        request,
        (error, response) => onAnswer(error, response === undefined ? 0 : takeCommitted(response, offsets)),
        versionMax,
      )
    },
    ...events,
  }
}

function takeCommitted(response: ResponseOf<typeof txnOffsetCommit>, offsets: Map<string, CheckedOffset>): number {
  const codes: number[] = []
  for (const { name, partitions } of response.topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      if (errorCode === 0) offsets.delete(`${name}-${partitionIndex}`)
      else codes.push(errorCode)
    }
  }
  if (codes.length === 0 && offsets.size > 0) codes.push(REQUEST_TIMED_OUT) // not a word on some: asked again
  return decisiveCode('TxnOffsetCommit', codes)
}

/** @param onDone gets the identity of the next transaction, where the answer tells it (v2) */
export function endTxnRequest(
  { transactionalId, identity }: TransactionalSender,
  committed: boolean,
  isV2: boolean,
  onDone: (next: ProducerIdentity | undefined) => void,
): TransactionalRequest {
  let next: ProducerIdentity | undefined
  return {
    api: committed ? 'EndTxn (commit)' : 'EndTxn (abort)',
    coordinator: { type: 'TRANSACTION', key: transactionalId },
    send(connection, onAnswer) {
      const request = { transactionalId, producerId: identity.producerId, producerEpoch: identity.epoch, committed }
      connection.request(
        endTxn,
        request,
        (error, response) => {
          if (response !== undefined && response.producerId >= 0n) {
            next = { producerId: response.producerId, epoch: response.producerEpoch }
          }
          onAnswer(error, response?.errorCode ?? 0)
        },
        isV2 ? undefined : END_TXN_V1_MAX,
      )
    },
    onDone: () => onDone(next),
  }
}

/**
 * Asks how far the coordinator is. Nobody depends on the answer: one that is refused or lost is as good as any.
 *
 * @param onTold true while the end of the transaction is being written to its partitions
 */
export function describeRequest(
  transactionalId: string,
  onTold: (isBeingWritten: boolean) => void,
): TransactionalRequest {
  let isBeingWritten = false
  return {
    api: 'DescribeTransactions',
    coordinator: { type: 'TRANSACTION', key: transactionalId },
    send(connection, onAnswer) {
      connection.request(describeTransactions, { transactionalIds: [transactionalId] }, (_error, response) => {
        const [told] = response?.transactionStates ?? []
        isBeingWritten = told !== undefined && BEING_WRITTEN.has(told.transactionState)
        onAnswer(undefined, told?.errorCode ?? 0)
      })
    },
    onDone: () => onTold(isBeingWritten),
  }
}

function groupNotChecked(groupId: string): KafkaError {
  return new KafkaError(
    'UNSUPPORTED_VERSION',
    `the coordinator of group ${groupId} cannot check generationId, memberId and groupInstanceId (TxnOffsetCommit 3, Kafka 2.5): leave them out to commit without the check`,
    { outcome: 'never', requiresAbort: true },
  )
}

function groupedBy<Item>(items: Iterable<Item>, nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(nameOf(item))
    if (group === undefined) groups.set(nameOf(item), [item])
    else group.push(item)
  }
  return groups
}
