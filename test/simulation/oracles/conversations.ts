import type { ObservedConnection } from '../network/simulated-network.ts'
import type { Plan, ProducerPlan } from '../plan/plan.ts'
import { AnsweredRequests } from './answered-requests.ts'
import { LeaderOracle } from './leader-oracle.ts'
import type { FirstAttempts } from './first-attempts.ts'
import { PatienceOracle } from './patience-oracle.ts'
import { QuestionOracle } from './question-oracle.ts'
import { TelemetryOracle } from './telemetry-oracle.ts'
import type { TransactionOracle } from './transaction-oracle.ts'

export interface ConversationsDeps {
  readonly plan: Plan
  readonly nowMs: () => number
  /** How much of the time since then the process of a producer was frozen. */
  readonly frozenMs: (owner: number, sinceMs: number) => number
  /** The broker at the other end. */
  readonly nodeIdOf: (connection: ObservedConnection) => number
  /** Its socket still holds a request. */
  readonly isWriting: (connection: ObservedConnection) => boolean
  readonly topicNameOf: (id: string) => string
  readonly transactions: TransactionOracle
  readonly attempts: FirstAttempts
  readonly violate: (what: string) => void
}

/** The oracles that judge requests and their answers. */
export function conversations(deps: ConversationsDeps): AnsweredRequests {
  const { plan, nowMs, frozenMs, nodeIdOf, isWriting, topicNameOf, transactions, attempts, violate } = deps
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
    mayBeginAgain: (owner) => mayBeginAgain(configs[owner]),
    violate,
  })
  const questions = new QuestionOracle({
    nowMs,
    nodeIdOf,
    isWriting,
    connectionsMaxIdleMs: configs.map(({ connectionsMaxIdleMs = Infinity }) => connectionsMaxIdleMs),
    violate,
  })
  const telemetry = new TelemetryOracle({ nowMs, intervalMs: plan.metricsIntervalMs ?? Infinity, violate })
  const judges = [patience, leaders, transactions, questions]
  const listeners = [...judges, telemetry, attempts]
  return new AnsweredRequests({
    nowMs,
    onRequest: (...of) => listeners.forEach((listener) => listener.onRequest(...of)),
    onAnswer: (...of) => judges.forEach((judge) => judge.onAnswer(...of)),
    onClosed: (connection, unanswered) => {
      questions.onClosed(connection, unanswered)
      transactions.onClosed(connection)
    },
  })
}

/** With the bootstrap servers, which forgets what is known of leaders: the usual five minutes are longer than any trouble. */
function mayBeginAgain({
  metadataRecoveryStrategy = 'rebootstrap',
  metadataRecoveryRebootstrapTriggerMs = 300_000,
}: ProducerPlan['config'] = {}): boolean {
  return metadataRecoveryStrategy === 'rebootstrap' && metadataRecoveryRebootstrapTriggerMs < 300_000
}
