import type { Producer } from 'kafkajs'
import { unchecked } from '../../packages/producer/test/world/unchecked.ts'
import type { GeneratedCall } from './generated-calls.ts'

/** What a call gave: what it resolved with, or what users can tell of the error. */
export type CallOutcome = { readonly resolved: unknown } | { readonly rejected: Readonly<Record<string, unknown>> }

/** What users match errors on. */
const FACTS = ['name', 'message', 'type', 'code', 'retriable', 'retryCount', 'topic', 'errors'] as const

/** Makes the calls one after the other. */
export async function transcriptOf(producer: Producer, calls: readonly GeneratedCall[]): Promise<CallOutcome[]> {
  const outcomes: CallOutcome[] = []
  for (const { method, argument } of calls) outcomes.push(await outcomeOf(() => producer[method](unchecked(argument))))
  return outcomes
}

export async function outcomeOf(call: () => unknown): Promise<CallOutcome> {
  try {
    return { resolved: inOrder(await call()) }
  } catch (error) {
    return { rejected: factsOf(error) }
  }
}

/** KafkaJS gives partitions as the broker's hash tables have them. */
function inOrder(resolved: unknown): unknown {
  if (!Array.isArray(resolved)) return resolved
  return resolved.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}

function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { thrown: error }
  const facts = Object.fromEntries(FACTS.map((fact) => [fact, Reflect.get(error, fact) as unknown]))
  // Only where KafkaJS names a cause: the others have the engine's error there.
  const hasCause = error.name === 'KafkaJSNumberOfRetriesExceeded' || error.name === 'KafkaJSNonRetriableError'
  const cause = error.cause
  return hasCause && cause instanceof Error && cause.name.startsWith('KafkaJS')
    ? { ...facts, cause: factsOf(cause) }
    : facts
}
