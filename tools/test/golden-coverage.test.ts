import { expect, test } from 'vitest'
import { checkGoldenCoverage } from '../tidy/golden-coverage.ts'
import { findingsOf } from './findings-of.ts'

const SCHEMA = 'packages/protocol/src/apis/end-txn.ts'
const GOLDEN = 'packages/protocol/test/golden/EndTxn.jsonl'
const schema = `export const endTxn = { name: 'EndTxn', apiKey: 26, versions: '1-2', request: { id: { type: 'string', versions: '9+' } } } as const`
const line = (direction: string, version: number): string =>
  `{"direction":"${direction}","version":${version},"value":{}}\n`
const all = line('request', 1) + line('request', 2) + line('response', 1) + line('response', 2)

test('a vector of every version in both directions passes', () => {
  expect(findingsOf(checkGoldenCoverage, { [SCHEMA]: schema, [GOLDEN]: all })).toEqual([])
})

test('a version without a vector is found', () => {
  const golden = all.replace(line('response', 2), '')
  expect(findingsOf(checkGoldenCoverage, { [SCHEMA]: schema, [GOLDEN]: golden })).toEqual([
    `${SCHEMA}:1: no golden response of EndTxn in version 2: write ${GOLDEN} with Kafka's classes`,
  ])
})

test('an API without a golden file is found', () => {
  expect(findingsOf(checkGoldenCoverage, { [SCHEMA]: schema })).toEqual([
    `${SCHEMA}:1: no golden request of EndTxn in version 1, 2: write ${GOLDEN} with Kafka's classes`,
    `${SCHEMA}:1: no golden response of EndTxn in version 1, 2: write ${GOLDEN} with Kafka's classes`,
  ])
})
