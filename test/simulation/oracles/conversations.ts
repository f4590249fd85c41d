import type { ObservedConnection } from '../network/simulated-network.ts'
import type { Plan, ProducerPlan } from '../plan/plan.ts'
import { AnsweredRequests } from './answered-requests.ts'
import { LeaderOracle } from './leader-oracle.ts'
import { PatienceOracle } from './patience-oracle.ts'
import type { TransactionOracle } from './transaction-oracle.ts'

export interface ConversationsDeps {
  readonly plan: Plan
  readonly nowMs: () => number
  /** How much of the time since then the process of a producer was frozen. */
  readonly frozenMs: (owner: number, sinceMs: number) => number
  /** The broker at the other end. */
  readonly nodeIdOf: (connection: ObservedConnection) => number
  readonly topicNameOf: (id: string) => string
  readonly wasMadeAnew: (topic: string) => boolean
  readonly transactions: TransactionOracle
  readonly violate: (what: string) => void
}

/** The oracles that judge requests and their answers. */
export function conversations(deps: ConversationsDeps): AnsweredRequests {
  const { plan, nowMs, frozenMs, nodeIdOf, topicNameOf, wasMadeAnew, transactions, violate } = deps
  const configs = plan.producers.map(({ config }) => config)
  const patience = new PatienceOracle({
    nowMs,
    awakeMs: (owner, sinceMs) => nowMs() - sinceMs - frozenMs(owner, sinceMs),
    requestTimeoutsMs: configs.map(({ requestTimeoutMs = Infinity }) => requestTimeoutMs),
    violate,
  })
  const leaders = new LeaderOracle({
    nodeIdOf,
    topicNameOf,
    isExcused: (owner, topic) => mayBeginAgain(configs[owner]) || wasMadeAnew(topic),
    violate,
  })
  const judges = [patience, leaders, transactions]
  return new AnsweredRequests({
    nowMs,
    onRequest: (...of) => judges.forEach((judge) => judge.onRequest(...of)),
    onAnswer: (...of) => judges.forEach((judge) => judge.onAnswer(...of)),
  })
}

/** With the bootstrap servers, which forgets what is known of leaders: the usual five minutes are longer than any trouble. */
function mayBeginAgain({
  metadataRecoveryStrategy = 'rebootstrap',
  metadataRecoveryRebootstrapTriggerMs = 300_000,
}: ProducerPlan['config'] = {}): boolean {
  return metadataRecoveryStrategy === 'rebootstrap' && metadataRecoveryRebootstrapTriggerMs < 300_000
}
