import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KafkaError } from '../../packages/producer/src/errors.ts'
import { errorCodes, errorFor } from '../../packages/protocol/src/errors/error-codes.ts'
import { brokerCodes } from '../errors-page/broker-codes.ts'
import { clientCodes } from '../errors-page/client-codes.ts'
import { errorsPage } from '../errors-page/errors-page.ts'

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  // As GitHub does for a heading of letters and underscores.
  const anchors = [...page.matchAll(/^### (\w+)$/gm)].map(([, heading = '']) => heading.toLowerCase())

  test('is what tools/write-errors-page.ts writes', () => {
    expect(page).toBe(errorsPage())
  })

  test('has the address that an error prints, once for every code', () => {
    const codes = [...errorCodes.map(({ name }) => name).filter((name) => name !== 'NONE'), ...Object.keys(clientCodes)]
    const addresses = codes.map((code) => new KafkaError(code, 'went wrong', { outcome: 'never' }).docs)
    expect(anchors.map((anchor) => `docs/errors.md#${anchor}`).toSorted()).toEqual(
      [...addresses, 'docs/errors.md#unknown_error'].toSorted(),
    )
  })

  test('has one address for all codes that Kafka does not have yet', () => {
    for (const code of [-2, 134, 4711]) {
      const { docs } = new KafkaError(errorFor(code).name, 'went wrong', { outcome: 'unknown' })
      expect(docs).toBe('docs/errors.md#unknown_error')
    }
  })

  test('gives advice on codes of Kafka only', () => {
    const names = new Set(errorCodes.map(({ name }) => name))
    expect(Object.keys(brokerCodes).filter((name) => !names.has(name))).toEqual([])
  })
})
