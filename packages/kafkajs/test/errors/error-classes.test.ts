import kafkajs from 'kafkajs'
import { describe, expect, test } from 'vitest'
import * as linger from '../../src/index.ts'
import { unchecked } from '../local-broker.ts'

type ErrorClass = new (reason: string, metadata: object, more?: unknown) => Error

const oracle: Record<string, unknown> = { ...kafkajs }
const ours: Record<string, unknown> = { ...linger }

const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === 'function' && value.prototype instanceof Error

const names = Object.keys(oracle).filter((name) => isErrorClass(oracle[name]))

const METADATA = {
  retriable: true,
  broker: 'b:1',
  host: 'b',
  port: 1,
  code: 'E',
  topic: 't',
  retryCount: 2,
  retryTime: 9,
}

/** Some take their metadata where others take a sentence. */
function made(given: unknown, name: string): Error {
  if (!isErrorClass(given)) throw new Error(`${name} is missing`)
  if (name === 'KafkaJSDeleteTopicRecordsError') return new given(unchecked({ partitions: [] }), {})
  return new given('reason', METADATA)
}

function classesOf(error: object): string[] {
  const parent: unknown = Object.getPrototypeOf(error)
  if (typeof parent !== 'object' || parent === null) return []
  return [parent.constructor.name, ...classesOf(parent)]
}

describe('error classes', () => {
  test.each(names)('%s has the name, the message, the parents and the properties that KafkaJS gives it', (name) => {
    const theirs = made(oracle[name], name)
    const error = made(ours[name], name)
    expect(classesOf(error)).toEqual(classesOf(theirs))
    const facts = (from: Error): object =>
      Object.fromEntries(
        ['name', 'message', 'retriable', 'broker', 'host', 'port', 'code', 'topic', 'retryCount', 'retryTime'].map(
          (key) => [key, Reflect.get(from, key)],
        ),
      )
    expect(facts(error)).toEqual(facts(theirs))
  })

  test('a reason may say where to read on, and whatever is made of the error says so too', () => {
    const helpUrl = 'https://example.org/why'
    for (const { KafkaJSProtocolError, KafkaJSNumberOfRetriesExceeded } of [kafkajs, linger]) {
      const refused = new KafkaJSProtocolError(
        unchecked({ message: 'no', type: 'T', code: 1, retriable: true, helpUrl }),
      )
      const exceeded = new KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 1, retryTime: 2 })
      expect([refused.helpUrl, exceeded.helpUrl]).toEqual([helpUrl, helpUrl])
    }
  })

  test('there are as many as KafkaJS has', () => {
    expect(names.length).toBeGreaterThan(25)
  })
})
