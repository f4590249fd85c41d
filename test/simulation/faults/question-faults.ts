import type { Fault } from '@linger/broker'
import type { FaultContext, FaultKind } from './fault-kind.ts'
import { lateOrNever, onRequests } from './on-requests.ts'

const METADATA_ERRORS = [3, 5, 7, 17, 29, -1] as const
const METRICS_ERRORS = [76, 89, 117, 118, 42, -1] as const
const INIT_ERRORS = [7, 14, 15, 16, 51, -1] as const

/** What goes wrong with the questions that any broker can answer. */
export const questionFaults: readonly FaultKind[] = [
  {
    name: 'metadata refused',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: onRequests('Metadata', ({ random }) => ({ kind: 'error', errorCode: random.pick(METADATA_ERRORS) })),
  },
  {
    name: 'topic refused',
    weight: 0.2,
    durationsMs: [100, 5_000],
    start: refuseTopic,
  },
  {
    name: 'metadata late or never',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: onRequests('Metadata', lateOrNever),
  },
  {
    name: 'one broker answers no questions',
    weight: 0.4,
    durationsMs: [2_000, 40_000],
    start: answerNoQuestions,
  },
  {
    name: 'producer id refused',
    weight: 0.3,
    durationsMs: [50, 8_000],
    start: onRequests('InitProducerId', ({ random }) => ({ kind: 'error', errorCode: random.pick(INIT_ERRORS) })),
  },
  {
    name: 'producer id late or never',
    weight: 0.2,
    durationsMs: [50, 5_000],
    start: onRequests('InitProducerId', lateOrNever),
  },
  {
    name: 'metrics refused, or taken late or never',
    weight: 0.2,
    durationsMs: [1_000, 20_000],
    start: onRequests('PushTelemetry', troubleWithMetrics),
  },
  {
    name: 'what metrics are wanted is refused, or told late or never',
    weight: 0.1,
    durationsMs: [1_000, 20_000],
    start: onRequests('GetTelemetrySubscriptions', troubleWithMetrics),
  },
  {
    name: 'versions refused',
    weight: 0.15,
    durationsMs: [50, 3_000],
    start: onRequests('ApiVersions', ({ random }) => ({ kind: 'error', errorCode: random.pick([35, 42, -1]) })),
  },
  {
    name: 'versions never told',
    weight: 0.2,
    durationsMs: [50, 5_000],
    start: onRequests('ApiVersions', ({ random }) => ({
      kind: random.pick(['hang', 'close', 'reset']),
      when: 'before',
    })),
  },
]

/** What any broker could answer, or some of it, is never answered by one of them. */
function answerNoQuestions({ simulation, random, fired }: FaultContext): () => void {
  const { nodeId } = random.pick(simulation.brokers)
  const questions = random.pick([['Metadata', 'InitProducerId'], ['Metadata'], ['InitProducerId']])
  return simulation.cluster.faults.intercept((request) => {
    if (request.nodeId !== nodeId || !questions.includes(request.apiName)) return undefined
    fired(`${request.apiName} ${request.ordinal} to broker ${nodeId} hangs`)
    return { kind: 'hang' }
  })
}

/** Metadata says of one topic that it cannot be used: INVALID_TOPIC_EXCEPTION or TOPIC_AUTHORIZATION_FAILED. */
function refuseTopic({ simulation, random, fired }: FaultContext): () => void {
  const topic = random.pick(simulation.cluster.topics)
  if (topic === undefined) return () => {}
  const fault = { kind: 'error', errorCode: random.pick([17, 29]), when: 'after' } as const
  const faults = Array.from({ length: random.between(1, 4) }, () => fault)
  const pushed = simulation.cluster.faults.push({ api: 'Metadata', topic: topic.name }, ...faults)
  return () => {
    if (pushed.remaining < faults.length) fired(`${topic.name} refused with ${fault.errorCode}`)
    pushed.cancel()
  }
}

function troubleWithMetrics({ random }: FaultContext): Fault {
  return random.pick<Fault>([
    { kind: 'hang' },
    { kind: 'delay', delayMs: random.pick([10, 1_000, 20_000]) },
    { kind: 'error', errorCode: random.pick(METRICS_ERRORS) },
  ])
}
