import type { Api } from '@linger/protocol'
import type { Answer } from '../apis/api-handler.ts'
import type { BrokerPorts } from '../ports.ts'
import type { ReceivedRequest } from './fault.ts'
import type { TopicNames } from './named-partitions.ts'

/** Answers a request, now or later. What it returns makes a later answer unnecessary. */
export type Handle = (frame: Uint8Array, answer: (answer: Answer) => void) => () => void

/** A request whose API and version this broker speaks, and what is needed to make it go wrong. */
export interface FaultyRequest {
  readonly api: Api
  readonly received: ReceivedRequest
  readonly ports: BrokerPorts
  readonly nameOf: TopicNames
}
