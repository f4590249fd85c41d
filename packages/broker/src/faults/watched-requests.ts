import { apiForKey, includesVersion, type RequestHeader } from '@linger/protocol'
import type { Answer } from '../apis/api-handler.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { BrokerPorts } from '../ports.ts'
import type { ReceivedRequest, TopicPartitions } from './fault.ts'
import type { FiredFault } from './faults.ts'
import type { Handle } from './faulty-request.ts'
import { namedPartitions } from './named-partitions.ts'
import { withFault } from './with-fault.ts'

type Work = (header: RequestHeader, frame: Uint8Array, answer: (answer: Answer) => void) => () => void

/** The requests of one broker, when something is to go wrong with them or somebody wants to know of them. */
export class WatchedRequests {
  readonly #nodeId: number
  readonly #cluster: Cluster
  readonly #ports: BrokerPorts
  readonly #work: Work
  #count = 0

  constructor(nodeId: number, cluster: Cluster, ports: BrokerPorts, work: Work) {
    this.#nodeId = nodeId
    this.#cluster = cluster
    this.#ports = ports
    this.#work = work
  }

  handle(header: RequestHeader, frame: Uint8Array, connectionId: number, answer: (answer: Answer) => void): () => void {
    const { faults, requests } = this.#cluster
    const received = this.#received(header, frame, connectionId)
    const fired = faults.isEmpty ? [] : faults.take(received)
    const handle = this.#withFaults(fired, received, (rest, onAnswer) => this.#work(header, rest, onAnswer))
    if (!requests.isOn) return handle(frame, answer)

    const onAnswer = requests.onRequest(
      received,
      this.#ports.now(),
      fired.map(({ fault }) => fault),
    )
    return handle(frame, (given) => {
      onAnswer(given, this.#ports.now())
      answer(given)
    })
  }

  /** What this broker does not speak has no place for a fault: it is refused as it is. */
  #withFaults(fired: readonly FiredFault[], received: ReceivedRequest, handle: Handle): Handle {
    const api = apiForKey(received.apiKey)
    if (api === undefined || !includesVersion(api.versions, received.apiVersion)) return handle
    const nameOf = (topicId: string): string | undefined => this.#cluster.topicWithId(topicId)?.name
    const request = { api, received, ports: this.#ports, nameOf }
    return fired.reduceRight((rest, fault) => withFault(fault, request, rest), handle)
  }

  #received(header: RequestHeader, frame: Uint8Array, connectionId: number): ReceivedRequest {
    const api = apiForKey(header.apiKey)
    const nameOf = (topicId: string): string | undefined => this.#cluster.topicWithId(topicId)?.name
    let named: TopicPartitions[] | undefined
    return {
      ...header,
      nodeId: this.#nodeId,
      connectionId,
      ordinal: ++this.#count,
      apiName: api?.name ?? String(header.apiKey),
      frame,
      get topicPartitions() {
        named ??=
          api === undefined || !includesVersion(api.versions, header.apiVersion)
            ? []
            : namedPartitions(api, header.apiVersion, frame, header.bodyOffset, nameOf)
        return named
      },
    }
  }
}
