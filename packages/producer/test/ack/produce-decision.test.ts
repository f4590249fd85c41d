import { errorCodes } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { produceDecision, type ProduceDecision } from '../../src/ack/produce-decision.ts'
import { readErrorTable } from './produce-error-table.ts'

const rows = readErrorTable()

/** A decision in the words of the table. */
function inWords(decision: ProduceDecision, isIdempotent: boolean): string {
  switch (decision.kind) {
    case 'acknowledge':
      return decision.offsetIsKnown ? 'ok' : 'duplicate'
    case 'retry':
      return decision.mayBeWritten ? 'again?' : 'again'
    case 'restamp':
      return `stamp ${decision.identity}`
    case 'split':
      return 'split'
    case 'fail': {
      const { outcome, fatal, identity } = decision
      if (fatal) return `${outcome} fatal`
      return isIdempotent && identity !== 'rewind' ? `${outcome} ${identity}` : outcome
    }
  }
}

describe('fault 29: every error code on Produce', () => {
  test('the table has every code of Kafka, each once for every variant, and one that Kafka does not have', () => {
    expect([...new Set(rows.map(({ code }) => code))]).toEqual([...errorCodes.map(({ code }) => code), 4711])
    expect(rows.filter(({ variant }) => variant !== '').map(({ code, variant }) => `${code} ${variant}`)).toEqual([
      '10 1 record',
      '10 2 records',
      '59 start known',
      '59 start unknown',
    ])
  })

  test.each(rows)('code $code $variant is decided as the table says', ({ code, variant, refreshesMetadata, cells }) => {
    for (const { isIdempotent, mayBeWritten, isLast, expected } of cells) {
      const decision = produceDecision(code, {
        isIdempotent,
        isTransactional: false,
        mayBeWritten,
        mayRetry: !isLast,
        maySplit: variant !== '1 record',
        isLogStartKnown: variant !== 'start unknown',
      })
      const cell = `idempotent ${isIdempotent}, maybe written ${mayBeWritten}, last ${isLast}`
      expect(inWords(decision, isIdempotent), cell).toBe(expected)
      if (variant === '' && (decision.kind === 'retry' || decision.kind === 'fail'))
        expect(decision.refreshMetadata, cell).toBe(refreshesMetadata)
    }
  })

  test('a batch whose time is over is not split', () => {
    const facts = {
      isTransactional: false,
      mayBeWritten: false,
      mayRetry: false,
      maySplit: false,
      isLogStartKnown: true,
    }
    for (const isIdempotent of [true, false])
      expect(produceDecision(10, { ...facts, isIdempotent })).toMatchObject({ kind: 'fail', outcome: 'never' })
  })
})
