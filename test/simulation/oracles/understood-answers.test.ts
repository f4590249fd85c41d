import { KafkaError } from '@linger/producer'
import { expect, test } from 'vitest'
import { understoodAnswers } from './understood-answers.ts'

const END = { outcome: 'unknown' } as const

/** What the judge says of requests that end so. */
function verdictsOn(fault: string, errors: readonly (Error | undefined)[]): string[] {
  const violations: string[] = []
  const faults = [{ kind: fault, atMs: 0, durationMs: 1, seed: 1 }]
  const requests = understoodAnswers({ faults }, (what) => violations.push(what)).channel('linger:request')
  if (!requests.hasSubscribers) return ['no judge']
  for (const error of errors) requests.trace({ apiName: 'Produce', host: 'broker-1' }, (onEnd) => onEnd(error))
  return violations
}

test('an answer that seems not to be of Kafka is a violation; no answer is none', () => {
  const lost = new KafkaError('CONNECTION_FAILED', 'it is gone', END)
  expect(verdictsOn('answer late', [undefined, lost, new KafkaError('NOT_KAFKA', 'a size of -1', END)])).toEqual([
    'the answer of broker-1 to Produce was not understood: a size of -1',
  ])
})

test('nobody judges where brokers talk nonsense', () => {
  expect(verdictsOn('not Kafka', [])).toEqual(['no judge'])
})
