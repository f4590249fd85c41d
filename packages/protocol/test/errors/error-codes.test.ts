import { expect, test } from 'vitest'
import { errorCodes, errorFor } from '../../src/index.ts'
import { goldenLines } from '../golden-vectors.ts'

test('the table is that of Kafka: every code, its name, and what a client does about it', () => {
  const ours = errorCodes.map(({ code, name, retriable, refreshesMetadata }) => ({
    code,
    name,
    retriable,
    refreshesMetadata,
  }))
  expect(ours).toEqual(goldenLines('errors.jsonl'))
  expect([ours.at(0)?.code, ours.at(-1)?.code, ours.length]).toEqual([-1, 133, 135])
})

test('every code has a meaning, in a sentence', () => {
  for (const { name, meaning } of errorCodes) expect(meaning, name).toMatch(/^[A-Z].{5,}\.$/)
})

test('a code is found by its number', () => {
  for (const error of errorCodes) expect(errorFor(error.code)).toBe(error)
})

test('an unknown code keeps its number and is not retriable', () => {
  expect(errorFor(134)).toMatchObject({ code: 134, name: 'UNKNOWN_ERROR_134', retriable: false })
  expect(errorFor(-2)).toMatchObject({ code: -2, name: 'UNKNOWN_ERROR_-2', retriable: false, refreshesMetadata: false })
})
