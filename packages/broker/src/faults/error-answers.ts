import {
  type Api,
  apiVersions,
  createTopics,
  deleteTopics,
  describeCluster,
  describeConfigs,
  describeProducers,
  fetch,
  findCoordinator,
  getTelemetrySubscriptions,
  initProducerId,
  listOffsets,
  metadata,
  produce,
  pushTelemetry,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
} from '@linger/protocol'
import { refusedSubscriptions } from '../apis/get-telemetry-subscriptions.ts'
import { ErrorCode } from '../error-code.ts'
import type { MatchesPartition } from './fault-scope.ts'
import type { TopicNames } from './named-partitions.ts'
import { transactionErrors } from './transaction-error-answers.ts'
import { withOneCode } from './error-with-one-code.ts'

/** Told of the whole answer and not of a topic. @source KIP-1102 */
const { REBOOTSTRAP_REQUIRED } = ErrorCode
const NO_LEADER = -1

/** How an API says that something went wrong. */
export interface ErrorAnswers<A extends Api = Api> {
  readonly api: A
  /** The answer to a request of which nothing is done. @source Kafka AbstractRequest.getErrorResponse */
  refusal(request: RequestOf<A>, errorCode: number): ResponseInput<A>
  /** Puts the error into an answer to what was done, for the topic-partitions that are meant. */
  spoil(response: ResponseOf<A>, errorCode: number, isMeant: MatchesPartition, nameOf: TopicNames): void
}

export const produceErrors: ErrorAnswers<typeof produce> = {
  api: produce,
  refusal: ({ topicData }, errorCode) => ({
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1n, recordErrors: [] })),
    })),
  }),
  spoil: ({ responses }, errorCode, isMeant, nameOf) => {
    for (const { name, topicId, partitionResponses } of responses) {
      const topic = name === '' ? nameOf(topicId) : name
      for (const partition of partitionResponses) {
        if (isMeant(topic, partition.index)) partition.errorCode = errorCode
      }
    }
  },
}

const metadataErrors: ErrorAnswers<typeof metadata> = {
  api: metadata,
  refusal: ({ topics }, errorCode) => ({
    errorCode: errorCode === REBOOTSTRAP_REQUIRED ? errorCode : 0,
    brokers: [],
    topics:
      errorCode === REBOOTSTRAP_REQUIRED
        ? []
        : (topics ?? []).map(({ name, topicId }) => ({ errorCode, name, topicId, partitions: [] })),
  }),
  spoil: (response, errorCode, isMeant) => {
    if (errorCode === REBOOTSTRAP_REQUIRED) response.errorCode = errorCode
    for (const topic of response.topics) {
      const { name, partitions } = topic
      const isWhole = partitions.every(({ partitionIndex }) => isMeant(name ?? undefined, partitionIndex))
      if (isWhole && isMeant(name ?? undefined, undefined)) {
        topic.errorCode = errorCode
        topic.partitions = []
        continue
      }
      for (const partition of partitions) {
        if (!isMeant(name ?? undefined, partition.partitionIndex)) continue
        partition.errorCode = errorCode
        partition.leaderId = NO_LEADER
      }
    }
  },
}

const fetchErrors: ErrorAnswers<typeof fetch> = {
  api: fetch,
  refusal: ({ topics }, errorCode) => ({
    responses: topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition: partitionIndex }) => ({
        partitionIndex,
        errorCode,
        highWatermark: -1n,
        abortedTransactions: null,
        records: new Uint8Array(),
      })),
    })),
  }),
  spoil: ({ responses }, errorCode, isMeant, nameOf) => {
    for (const { topic, topicId, partitions } of responses) {
      for (const partition of partitions) {
        if (!isMeant(topic === '' ? nameOf(topicId) : topic, partition.partitionIndex)) continue
        partition.errorCode = errorCode
        partition.records = new Uint8Array()
      }
    }
  },
}

const listOffsetsErrors: ErrorAnswers<typeof listOffsets> = {
  api: listOffsets,
  refusal: ({ topics }, errorCode) => ({
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

/** From version 4 on several keys, each with a code of its own (KIP-699). */
const findCoordinatorErrors: ErrorAnswers<typeof findCoordinator> = {
  api: findCoordinator,
  refusal: ({ coordinatorKeys }, errorCode) => {
    const nobody = { nodeId: -1, host: '', port: -1, errorCode, errorMessage: null }
    if (coordinatorKeys.length === 0) return nobody
    return { coordinators: coordinatorKeys.map((key) => ({ key, ...nobody })) }
  },
  spoil: (response, errorCode) => {
    const { coordinators } = response
    for (const one of coordinators.length === 0 ? [response] : coordinators) one.errorCode = errorCode
  },
}

const createTopicsErrors: ErrorAnswers<typeof createTopics> = {
  api: createTopics,
  refusal: ({ topics }, errorCode) => ({
    topics: topics.map(({ name }) => ({ name, errorCode, errorMessage: null, configs: null })),
  }),
  spoil: ({ topics }, errorCode, isMeant) => {
    for (const topic of topics) if (isMeant(topic.name, undefined)) topic.errorCode = errorCode
  },
}

const deleteTopicsErrors: ErrorAnswers<typeof deleteTopics> = {
  api: deleteTopics,
  refusal: ({ topics, topicNames }, errorCode) => ({
    responses: [...topics, ...topicNames.map((name) => ({ name }))].map((topic) => ({ ...topic, errorCode })),
  }),
  spoil: ({ responses }, errorCode, isMeant) => {
    for (const topic of responses) if (isMeant(topic.name ?? undefined, undefined)) topic.errorCode = errorCode
  },
}

const describeConfigsErrors: ErrorAnswers<typeof describeConfigs> = {
  api: describeConfigs,
  refusal: ({ resources }, errorCode) => ({
    throttleTimeMs: 0,
    results: resources.map(({ resourceType, resourceName }) => ({
      errorCode,
      errorMessage: null,
      resourceType,
      resourceName,
      configs: [],
    })),
  }),
  spoil: ({ results }, errorCode) => {
    for (const result of results) result.errorCode = errorCode
  },
}

const describeProducersErrors: ErrorAnswers<typeof describeProducers> = {
  api: describeProducers,
  refusal: ({ topics }, errorCode) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode, activeProducers: [] })),
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

const ALL: readonly ErrorAnswers[] = [
  produceErrors,
  metadataErrors,
  fetchErrors,
  listOffsetsErrors,
  findCoordinatorErrors,
  createTopicsErrors,
  deleteTopicsErrors,
  describeConfigsErrors,
  describeProducersErrors,
  ...transactionErrors,
  withOneCode(apiVersions, (errorCode) => ({ errorCode, apiKeys: [] })),
  withOneCode(initProducerId, (errorCode) => ({ errorCode, producerEpoch: -1, throttleTimeMs: 0 })),
  withOneCode(getTelemetrySubscriptions, refusedSubscriptions),
  withOneCode(pushTelemetry, (errorCode) => ({ errorCode, throttleTimeMs: 0 })),
  withOneCode(describeCluster, (errorCode) => ({ errorCode, clusterId: '', brokers: [], throttleTimeMs: 0 })),
] as readonly ErrorAnswers[]

const byApi: ReadonlyMap<Api, ErrorAnswers> = new Map(ALL.map((answers) => [answers.api, answers]))

export function errorAnswersFor(api: Api): ErrorAnswers {
  const answers = byApi.get(api)
  if (answers === undefined) throw new Error(`an answer to ${api.name} with an error is not known here`)
  return answers
}
