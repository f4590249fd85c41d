import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  listTransactions,
  offsetFetch,
  txnOffsetCommit,
} from '@linger/protocol'
import type { ErrorAnswers } from './error-answers.ts'
import { withOneCode } from './error-with-one-code.ts'

const addPartitionsErrors: ErrorAnswers<typeof addPartitionsToTxn> = {
  api: addPartitionsToTxn,
  refusal: ({ v3AndBelowTopics: topics }, errorCode) => ({
    throttleTimeMs: 0,
    resultsByTopicV3AndBelow: topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({ partitionIndex, partitionErrorCode: errorCode })),
    })),
  }),
  spoil: ({ resultsByTopicV3AndBelow: results }, errorCode, isMeant) => {
    for (const { name, resultsByPartition } of results) {
      for (const partition of resultsByPartition) {
        if (isMeant(name, partition.partitionIndex)) partition.partitionErrorCode = errorCode
      }
    }
  },
}

const txnOffsetCommitErrors: ErrorAnswers<typeof txnOffsetCommit> = {
  api: txnOffsetCommit,
  refusal: ({ topics }, errorCode) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }),
  spoil: ({ topics }, errorCode, isMeant) => {
    for (const { name, partitions } of topics) {
      for (const partition of partitions) {
        if (isMeant(name, partition.partitionIndex)) partition.errorCode = errorCode
      }
    }
  },
}

/** From version 8 on several groups, each with a code of its own (KIP-709). */
const offsetFetchErrors: ErrorAnswers<typeof offsetFetch> = {
  api: offsetFetch,
  refusal: ({ groups }, errorCode) => ({
    errorCode,
    topics: [],
    groups: groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })),
  }),
  spoil: (response, errorCode) => {
    const { groups } = response
    for (const one of groups.length === 0 ? [response] : groups) one.errorCode = errorCode
  },
}

const describeTransactionsErrors: ErrorAnswers<typeof describeTransactions> = {
  api: describeTransactions,
  refusal: ({ transactionalIds }, errorCode) => ({
    throttleTimeMs: 0,
    transactionStates: transactionalIds.map((transactionalId) => ({
      errorCode,
      transactionalId,
      transactionState: '',
      transactionTimeoutMs: 0,
      transactionStartTimeMs: 0n,
      producerId: 0n,
      producerEpoch: 0,
      topics: [],
    })),
  }),
  spoil: ({ transactionStates }, errorCode) => {
    for (const state of transactionStates) state.errorCode = errorCode
  },
}

/** How the APIs of transactions say that something went wrong. */
export const transactionErrors: readonly ErrorAnswers[] = [
  addPartitionsErrors,
  txnOffsetCommitErrors,
  offsetFetchErrors,
  describeTransactionsErrors,
  withOneCode(addOffsetsToTxn, (errorCode) => ({ throttleTimeMs: 0, errorCode })),
  withOneCode(endTxn, (errorCode) => ({ throttleTimeMs: 0, errorCode })),
  withOneCode(listTransactions, (errorCode) => ({
    throttleTimeMs: 0,
    errorCode,
    unknownStateFilters: [],
    transactionStates: [],
  })),
] as readonly ErrorAnswers[]
