import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { describe, expect, test } from 'vitest'
import { CampaignThread } from '../simulation/campaign/campaign-thread.ts'
import { MUTANTS } from './mutants.ts'
import { oracleOf } from './verdict.ts'

const sourceOf = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

describe('mutants', () => {
  test('there are at least sixty, each with a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
    expect(MUTANTS.length).toBeGreaterThanOrEqual(60)
  })

  test('at least thirty of them are about transactions', () => {
    expect(MUTANTS.filter(({ histories }) => histories === 'transactions').length).toBeGreaterThanOrEqual(30)
  })

  // A source that has changed is found here, and not by a campaign that tests nothing.
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s: stands in one place, and the result can be loaded',
    (_name, { file, code, instead }) => {
      const parts = sourceOf(file).split(code)
      expect(parts).toHaveLength(2)
      expect(instead).not.toBe(code)
      expect(() => stripTypeScriptTypes(parts.join(instead))).not.toThrow()
    },
  )

  test('a mutant exists only in its thread: no source is changed', async () => {
    const [mutant] = MUTANTS
    const before = sourceOf(mutant?.file ?? '')
    const thread = await CampaignThread.start({
      patches: MUTANTS.slice(0, 1),
      histories: 'delivery',
      countsMarks: false,
      shrinks: false,
    })
    await thread.stop()
    expect(sourceOf(mutant?.file ?? '')).toBe(before)
  })
})

describe('oracleOf', () => {
  test.each([
    ['12 ms: lost: record 3 of producer 0, acknowledged at orders-0@5', 'log'],
    ['12 ms: settledLate: record 3 of producer 0 after 7000 ms, not 5000', 'settlement'],
    ['12 ms: producer 1: close() never ends', 'end'],
    ['12 ms: torn: transaction 3 of producer 0: 2 records are visible, not 7', 'readers'],
    ['12 ms: producer 1: commit becomes abort in epoch 6 of producer id 0', 'coordinator'],
    ['12 ms: producer 1: it is finished without need: EndTxn was refused', 'recovery'],
    ['12 ms: 3 buffers were never given back', 'memory'],
    ['12 ms: connection 4: a buffer changed that a socket held', 'socket'],
    ['12 ms: uncaught: RangeError', 'exception'],
    ['12 ms: producer 0, orders-0: a second batch is in flight', 'wire'],
  ])('%s', (violation, oracle) => {
    expect(oracleOf(violation)).toBe(oracle)
  })
})
