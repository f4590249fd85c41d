import { KafkaError, type RequestTrace, type Tracing } from '@linger/producer'
import { unchecked } from '../../../packages/producer/test/world/unchecked.ts'
import type { Plan } from '../plan/plan.ts'

/** With these a broker does not answer as Kafka does: it also refuses versions that it has spoken on the connection. */
const NONSENSE: ReadonlySet<string> = new Set(['answer too short', 'answer skipped', 'not Kafka', 'versions refused'])

/** Listens to a producer's requests. Where every answer is one, none may end because a broker seems not to speak Kafka. */
export function understoodAnswers({ faults }: Pick<Plan, 'faults'>, violate: (what: string) => void): Tracing {
  const isJudged = !faults.some(({ kind }) => NONSENSE.has(kind))
  return {
    channel: (name) => ({
      hasSubscribers: isJudged && name === 'linger:request',
      trace: (context, begin) =>
        begin((error) => {
          if (!(error instanceof KafkaError) || error.code !== 'NOT_KAFKA') return
          const { apiName, host }: RequestTrace = unchecked(context)
          violate(`the answer of ${host} to ${apiName} was not understood: ${error.message}`)
        }),
    }),
  }
}
