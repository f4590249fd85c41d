import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { describe, expect, test } from 'vitest'
import { NodeTracing } from '../../../src/ports/node/node-tracing.ts'

/** What a subscriber hears of `run`. */
function heard(name: string, run: () => void): [string, object][] {
  const events: [string, object][] = []
  const handlerOf = (event: string) => (context: object) => void events.push([event, { ...context }])
  const subscribers = {
    start: handlerOf('start'),
    end: handlerOf('end'),
    asyncStart: handlerOf('asyncStart'),
    asyncEnd: handlerOf('asyncEnd'),
    error: handlerOf('error'),
  }
  const channel = tracingChannel<unknown, object>(name)
  channel.subscribe(subscribers)
  run()
  channel.unsubscribe(subscribers)
  return events
}

describe('tracing by node:diagnostics_channel', () => {
  test('tells of the beginning, and later of the end with its result', () => {
    const channel = new NodeTracing().channel<{ id: number }>('test:success')
    expect(channel.hasSubscribers).toBe(false)
    let onEnd = (_error: Error | undefined, _result?: unknown): void => {}
    const events = heard('test:success', () => {
      expect(channel.hasSubscribers).toBe(true)
      const answer = channel.trace({ id: 1 }, (end) => {
        onEnd = end
        return 'begun'
      })
      expect(answer).toBe('begun')
      onEnd(undefined, 'done')
    })
    expect(events).toEqual([
      ['start', { id: 1 }],
      ['end', { id: 1 }],
      ['asyncStart', { id: 1, result: 'done' }],
      ['asyncEnd', { id: 1, result: 'done' }],
    ])
    expect(channel.hasSubscribers).toBe(false)
  })

  test('tells of a failure, later or at once', () => {
    const channel = new NodeTracing().channel<{ id: number }>('test:failure')
    const error = new Error('no')
    const later = heard('test:failure', () => channel.trace({ id: 1 }, (onEnd) => onEnd(error)))
    expect(later.map(([event]) => event)).toEqual(['start', 'error', 'asyncStart', 'asyncEnd', 'end'])
    expect(later[1]).toEqual(['error', { id: 1, error }])
    const atOnce = heard('test:failure', () => {
      expect(() =>
        channel.trace({ id: 2 }, () => {
          throw error
        }),
      ).toThrow(error)
    })
    expect(atOnce.map(([event]) => event)).toEqual(['start', 'error', 'end'])
  })

  test('runs the operation in the context that a subscriber binds to its beginning', () => {
    const channel = new NodeTracing().channel<{ id: number }>('test:context')
    const storage = new AsyncLocalStorage<string>()
    tracingChannel<unknown, { id: number }>('test:context').start.bindStore(storage, ({ id }) => `operation ${id}`)
    expect(channel.trace({ id: 7 }, () => storage.getStore())).toBe('operation 7')
  })
})
