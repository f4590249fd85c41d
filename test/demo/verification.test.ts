import type { Record } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { DemoRecords } from '../../demo/demo-records.ts'
import { Verification, type VerificationReport } from '../../demo/verification.ts'

const COUNT = 1_000
const records = new DemoRecords(100)

/** Record `index` as a log of one partition gives it back. */
function stored(index: number): Record {
  const { key, value, headers } = records.record(index)
  return {
    offset: BigInt(index),
    timestamp: 0n,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Uint8Array.from(value),
    headers,
  }
}

/** What is found when every record was acknowledged and the log holds what `change` makes of it. */
function reportOf(change: (log: Record[]) => readonly Record[]): VerificationReport {
  const verification = new Verification(records, COUNT)
  for (let index = 0; index < COUNT; index++) verification.acked(index, 0, index)
  for (const record of change(Array.from({ length: COUNT }, (_, index) => stored(index)))) verification.read(0, record)
  return verification.report()
}

describe('the demo’s verification', () => {
  test('finds nothing wrong with a faultless log', () => {
    expect(reportOf((log) => log)).toMatchObject({ acked: COUNT, verified: COUNT, findings: 0, examples: [] })
  })

  test('finds a record that the log has lost', () => {
    expect(reportOf((log) => log.toSpliced(500, 1))).toMatchObject({ verified: COUNT - 1, lost: 1, findings: 1 })
  })

  test('finds a record that is in the log twice', () => {
    const report = reportOf((log) => [...log, { ...stored(7), offset: BigInt(COUNT) }])
    expect(report).toMatchObject({ verified: COUNT, duplicated: 1, findings: 1 })
    expect(report.examples).toEqual([`duplicated: 0@${COUNT} is copy 2 of record 7`])
  })

  test('finds two records that changed places', () => {
    const report = reportOf((log) =>
      log.with(20, { ...stored(21), offset: 20n }).with(21, { ...stored(20), offset: 21n }),
    )
    expect(report).toMatchObject({ verified: COUNT - 2, reordered: 1, misplaced: 2 })
  })

  // 99 is a tombstone, 100 has no key, 4 has headers.
  test.each<[what: string, index: number, change: (record: Record) => Partial<Record>]>([
    ['another byte in the value', 5, ({ value }) => ({ value: changedAt(value, 50) })],
    ['a value that is too short', 5, ({ value }) => ({ value: value?.subarray(0, 99) ?? null })],
    ['a value where none was sent', 99, () => ({ value: Buffer.from('00000063') })],
    ['another key', 5, () => ({ key: Buffer.from('user-6') })],
    ['a key where none was sent', 100, () => ({ key: new Uint8Array() })],
    ['a header too few', 4, ({ headers }) => ({ headers: headers.slice(1) })],
    [
      'an empty header for a null one',
      4,
      ({ headers }) => ({ headers: headers.with(1, ['parent-id', new Uint8Array()]) }),
    ],
  ])('finds %s', (_, index, change) => {
    const report = reportOf((log) => log.with(index, { ...stored(index), ...change(stored(index)) }))
    expect(report).toMatchObject({ verified: COUNT - 1, altered: 1, findings: 1 })
  })

  test('finds records that it did not make', () => {
    const strange = { ...stored(0), value: Buffer.from('from elsewhere') }
    expect(reportOf((log) => [...log, strange])).toMatchObject({ verified: COUNT, foreign: 1, findings: 1 })
  })

  test('does not call a record verified that was never acknowledged', () => {
    const verification = new Verification(records, 2)
    verification.acked(0, 0, 0)
    verification.read(0, stored(0))
    verification.read(0, stored(1))
    expect(verification.report()).toMatchObject({ acked: 1, verified: 1, findings: 0 })
  })
})

function changedAt(bytes: Uint8Array | null, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes ?? [])
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}
