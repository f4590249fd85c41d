import { createRequire } from 'node:module'
import { errorCodes } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { unchecked } from '../local-broker.ts'
import { refusalNamed } from '../../src/errors/broker-refusals.ts'

interface OracleCode {
  readonly type: string
  readonly code: number
  readonly retriable: boolean
  readonly message: string
}

const oracle: { readonly errorCodes: OracleCode[] } = unchecked(
  createRequire(import.meta.url)('kafkajs/src/protocol/error'),
)

describe('what a broker answers', () => {
  test.each(errorCodes.filter(({ name }) => refusalNamed(name) !== undefined && name !== 'PRODUCER_FENCED'))(
    '$name is told as KafkaJS tells it',
    ({ name, code }) => {
      const theirs = oracle.errorCodes.find((one) => one.code === code)
      expect(refusalNamed(name)).toEqual(theirs)
    },
  )

  test('a fenced producer hears what brokers answer to the versions that KafkaJS speaks', () => {
    expect(refusalNamed('PRODUCER_FENCED')).toMatchObject({ type: 'INVALID_PRODUCER_EPOCH', code: 47 })
  })
})
