import { describe, expect, test } from 'vitest'
import { ANOMALIES, noAnomalies } from '../delivery-checker/anomaly.ts'
import { noTransactionAnomalies, TRANSACTION_ANOMALIES } from '../delivery-checker/transaction-findings.ts'
import { chaosJson, isFaultless, reportFor } from './chaos-report.ts'
import type { ChaosResult } from './run-chaos.ts'

const settings = { recordCount: 10, seconds: 1, seed: 42, faults: [], json: true }

describe('a chaos run is OK', () => {
  test('when nothing is wrong', () => {
    expect(isFaultless(result())).toBe(true)
    expect(reportFor(settings, result())).toMatch(/OK$/u)
  })

  test.each(ANOMALIES)('but not with a single record %s', (anomaly) => {
    const found = result({ [anomaly]: 1 })
    expect(isFaultless(found)).toBe(false)
    expect(reportFor(settings, found)).toContain('NOT OK: see above; --seed 42 draws the same faults')
    expect(reportFor(settings, found)).toContain('idempotent: what was wrong')
  })

  test.each(TRANSACTION_ANOMALIES)('nor with a transaction that is %s', (anomaly) => {
    const found = result({}, {}, { [anomaly]: 1 })
    expect(isFaultless(found)).toBe(false)
    expect(reportFor(settings, found)).toMatch(new RegExp(`${anomaly} +1`, 'u'))
    expect(reportFor(settings, found)).toContain('idempotent: what a transaction was')
  })

  test('with what the configuration of a lane does not promise, which is shown', () => {
    const permitted = { ...noAnomalies(), duplicated: 1_234 }
    const found = result({}, { permitted })
    expect(isFaultless(found)).toBe(true)
    expect(reportFor(settings, found)).toMatch(/^duplicated +0 \(1,234\)/mu)
  })

  test.each([
    ['a fault that hit nothing', { faults: new Map([['reset', { strikes: 0, hits: 0 }]]) }],
    ['a lane that stood still', { stuck: ['acks-1'] }],
    ['a process that closing did not let end', { keptAlive: true }],
  ])('but not with %s', (_, part) => {
    expect(isFaultless({ ...result(), ...part })).toBe(false)
  })

  test('and says the same on one line for programs', () => {
    const parsed: unknown = JSON.parse(chaosJson(settings, result({ lost: 2 })))
    expect(parsed).toMatchObject({
      ok: false,
      seed: 42,
      sent: 10,
      anomalies: { ...noAnomalies(), lost: 2 },
      transactions: { transactions: 5, committed: 4, anomalies: noTransactionAnomalies() },
      faults: { reset: { strikes: 1, hits: 3 } },
      lanes: { idempotent: { sent: 10 } },
    })
  })
})

function result(
  found: Record<string, number> = {},
  report: object = {},
  transactional: Record<string, number> = {},
): ChaosResult {
  return {
    faults: new Map([['reset', { strikes: 1, hits: 3 }]]),
    lanes: [
      {
        lane: 'idempotent',
        report: {
          sent: 10,
          acked: 10,
          never: 0,
          unknown: 0,
          verified: 10,
          withoutOffset: 0,
          anomalies: { ...noAnomalies(), ...found },
          permitted: noAnomalies(),
          examples: ['what was wrong'],
          ...report,
        },
        transactions: {
          transactions: 5,
          committed: 4,
          aborted: 1,
          unknown: 0,
          anomalies: { ...noTransactionAnomalies(), ...transactional },
          examples: ['what a transaction was'],
        },
      },
    ],
    stuck: [],
    keptAlive: false,
    seconds: 1,
  }
}
