import { decodeRequestHeader, includesVersion, type RequestHeader } from '@linger/protocol'
import type { Answer, ApiHandler, RequestContext } from './apis/api-handler.ts'
import { apiVersionsHandler, unsupportedApiVersions } from './apis/api-versions.ts'
import { createTopicsHandler } from './apis/create-topics.ts'
import { deleteTopicsHandler } from './apis/delete-topics.ts'
import { describeClusterHandler } from './apis/describe-cluster.ts'
import { describeConfigsHandler } from './apis/describe-configs.ts'
import { describeProducersHandler } from './apis/describe-producers.ts'
import { fetchHandler } from './apis/fetch.ts'
import { findCoordinatorHandler } from './apis/find-coordinator.ts'
import { initProducerIdHandler } from './apis/init-producer-id.ts'
import { listOffsetsHandler } from './apis/list-offsets.ts'
import { metadataHandler } from './apis/metadata.ts'
import { produceSinkHandler } from './apis/produce-sink.ts'
import { produceHandler } from './apis/produce.ts'
import { type BrokerConfig, brokerConfigDefaults } from './broker-config.ts'
import type { Cluster } from './cluster/cluster.ts'
import { DelayedFetches } from './log/delayed-fetches.ts'
import type { BrokerPorts } from './ports.ts'

const API_VERSIONS_KEY = 18

export interface EmbeddedBrokerOptions extends Partial<BrokerConfig> {
  readonly nodeId: number
  readonly cluster: Cluster
  readonly ports: BrokerPorts
}

/**
 * One broker of a cluster, without a socket: request frames in, answers out.
 *
 * It has no clock, timer or randomness of its own, so that the same requests give the same answers, and a whole cluster
 * can run inside a test.
 */
export class EmbeddedBroker {
  readonly nodeId: number
  readonly cluster: Cluster
  readonly #handlers: ReadonlyMap<number, ApiHandler>
  readonly #context: Omit<RequestContext, 'apiVersion'>

  constructor(options: EmbeddedBrokerOptions) {
    const { nodeId, cluster, ports, ...config } = options
    this.nodeId = nodeId
    this.cluster = cluster
    const merged: BrokerConfig = { ...brokerConfigDefaults, ...config }
    this.#context = { nodeId, cluster, config: merged, ports, delayedFetches: new DelayedFetches(ports) }
    this.#handlers = new Map(handlersOf(merged).map((handler) => [handler.api.apiKey, handler]))
  }

  /**
   * Answers one request. The answer comes before `handle` returns, except to a Fetch that waits for records.
   *
   * @param frame without its size. Nothing of it is kept, it may be overwritten afterwards
   * @param answer called once, unless the returned function is called before
   * @returns what to call when nobody waits for the answer any more
   * @throws ProtocolError when the frame is not a request
   */
  handle(frame: Uint8Array, answer: (answer: Answer) => void): () => void {
    const header = decodeRequestHeader(frame)
    const handler = this.#handlers.get(header.apiKey)
    if (handler !== undefined && includesVersion(handler.api.versions, header.apiVersion)) {
      return handler.run({ ...this.#context, apiVersion: header.apiVersion }, header, frame, answer)
    }
    answer(refusal(header))
    return () => {}
  }
}

function refusal(header: RequestHeader): Answer {
  if (header.apiKey === API_VERSIONS_KEY) return unsupportedApiVersions(header)
  return { kind: 'close', reason: `API ${header.apiKey} version ${header.apiVersion} is not spoken here` }
}

function handlersOf(config: BrokerConfig): ApiHandler[] {
  const handlers = [
    config.sink ? produceSinkHandler : produceHandler,
    fetchHandler,
    listOffsetsHandler,
    metadataHandler,
    findCoordinatorHandler,
    createTopicsHandler,
    deleteTopicsHandler,
    initProducerIdHandler,
    describeConfigsHandler,
    describeClusterHandler,
    describeProducersHandler,
  ]
  return [...handlers, apiVersionsHandler(handlers)]
}
