import { codecFor, encodeRequestFrame, getTelemetrySubscriptions, pushTelemetry, ZERO_UUID } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { AnsweredRequests } from './answered-requests.ts'
import { TelemetryOracle } from './telemetry-oracle.ts'

type Step = 'question' | 'push' | 'last push'

const INTERVAL_MS = 1_000
const connection = { id: 1, owner: 0 }

function violationsOf(steps: readonly (readonly [atMs: number, what: Step])[]): string[] {
  const violations: string[] = []
  let nowMs = 0
  const oracle = new TelemetryOracle({
    nowMs: () => nowMs,
    intervalMs: INTERVAL_MS,
    violate: (what) => violations.push(what),
  })
  const requests = new AnsweredRequests({
    nowMs: () => nowMs,
    onRequest: (...of) => oracle.onRequest(...of),
    onAnswer: () => {},
    onClosed: () => {},
  })
  for (const [index, [atMs, what]] of steps.entries()) {
    nowMs = atMs
    requests.onWrite(connection, Buffer.from(frameOf(index, what)))
  }
  return violations
}

function frameOf(correlationId: number, what: Step): Uint8Array {
  if (what === 'question')
    return encodeRequestFrame(codecFor(getTelemetrySubscriptions, 0), correlationId, 'test', {
      clientInstanceId: ZERO_UUID,
    })
  return encodeRequestFrame(codecFor(pushTelemetry, 0), correlationId, 'test', {
    clientInstanceId: ZERO_UUID,
    subscriptionId: 1,
    terminating: what === 'last push',
    compressionType: 0,
    metrics: new Uint8Array(),
  })
}

describe('metrics', () => {
  test.each<[string, readonly (readonly [atMs: number, what: Step])[], readonly string[]]>([
    [
      'may be pushed every interval',
      [
        [0, 'question'],
        [700, 'push'],
        [1_700, 'push'],
        [2_750, 'push'],
      ],
      [],
    ],
    [
      'may not be pushed more often',
      [
        [0, 'push'],
        [900, 'push'],
      ],
      ['producer 0: metrics are pushed 900 ms after the last time, not 1000'],
    ],
    [
      'may be pushed sooner after another question',
      [
        [0, 'push'],
        [10, 'question'],
        [510, 'push'],
      ],
      [],
    ],
    [
      'may be pushed once more at any time',
      [
        [0, 'push'],
        [10, 'last push'],
      ],
      [],
    ],
    [
      'may not be pushed after that',
      [
        [0, 'last push'],
        [5_000, 'push'],
      ],
      ['producer 0: telemetry goes on after the last push'],
    ],
    [
      'may not be asked about after that',
      [
        [0, 'last push'],
        [5_000, 'question'],
      ],
      ['producer 0: telemetry goes on after the last push'],
    ],
  ])('%s', (_what, steps, violations) => {
    expect(violationsOf(steps)).toEqual(violations)
  })
})
