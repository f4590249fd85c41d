import type { RequestHeader } from '@linger/protocol'
import type { BrokerConfig } from '../broker-config.ts'
import type { Answer, ApiHandler } from './api-handler.ts'
import { addOffsetsToTxnHandler } from './add-offsets-to-txn.ts'
import { addPartitionsToTxnHandler } from './add-partitions-to-txn.ts'
import { apiVersionsHandler, unsupportedApiVersions } from './api-versions.ts'
import { createTopicsHandler } from './create-topics.ts'
import { deleteTopicsHandler } from './delete-topics.ts'
import { describeClusterHandler } from './describe-cluster.ts'
import { describeConfigsHandler } from './describe-configs.ts'
import { describeProducersHandler } from './describe-producers.ts'
import { describeTransactionsHandler } from './describe-transactions.ts'
import { endTxnHandler } from './end-txn.ts'
import { fetchHandler } from './fetch.ts'
import { findCoordinatorHandler } from './find-coordinator.ts'
import { getTelemetrySubscriptionsHandler } from './get-telemetry-subscriptions.ts'
import { initProducerIdHandler } from './init-producer-id.ts'
import { listOffsetsHandler } from './list-offsets.ts'
import { listTransactionsHandler } from './list-transactions.ts'
import { metadataHandler } from './metadata.ts'
import { offsetFetchHandler } from './offset-fetch.ts'
import { produceSinkHandler } from './produce-sink.ts'
import { produceHandler } from './produce.ts'
import { pushTelemetryHandler } from './push-telemetry.ts'
import { txnOffsetCommitHandler } from './txn-offset-commit.ts'

const API_VERSIONS_KEY = 18

/** What a broker speaks: told by ApiVersions, and nothing else. */
export function handlersOf(config: BrokerConfig): ApiHandler[] {
  const handlers = [
    config.sink ? produceSinkHandler : produceHandler,
    fetchHandler,
    listOffsetsHandler,
    metadataHandler,
    findCoordinatorHandler,
    createTopicsHandler,
    deleteTopicsHandler,
    initProducerIdHandler,
    addPartitionsToTxnHandler,
    addOffsetsToTxnHandler,
    endTxnHandler,
    txnOffsetCommitHandler,
    offsetFetchHandler,
    describeConfigsHandler,
    describeClusterHandler,
    describeProducersHandler,
    describeTransactionsHandler,
    listTransactionsHandler,
    ...(config.clientTelemetry ? [getTelemetrySubscriptionsHandler, pushTelemetryHandler] : []),
  ]
  return [...handlers, apiVersionsHandler(handlers)]
}

/** The answer to what is not spoken. */
export function refusal(header: RequestHeader): Answer {
  if (header.apiKey === API_VERSIONS_KEY) return unsupportedApiVersions(header.correlationId)
  return { kind: 'close', reason: `API ${header.apiKey} version ${header.apiVersion} is not spoken here` }
}
