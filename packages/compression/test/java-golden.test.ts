import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CompressionError, decompress } from '../src/index.ts'
import { XERIAL_MAGIC_BYTES } from '../src/snappy/xerial-header.ts'
import { javaLines } from './golden-lines.ts'

/** Cuts of these are tried at each byte; of longer ones, here and there. */
const SHORT_BYTES = 400
const CUT_EVERY_BYTES = 97

describe.each(javaLines().map((line) => [line.name, line] as const))(
  'Kafka’s own classes wrote %s',
  (_, { type, bytes, sizeBytes, sha256 }) => {
    test('and it is read', () => {
      const content = decompress(type, bytes, { maxBytes: sizeBytes })
      expect(content.length).toBe(sizeBytes)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    })

    test('a cut is found, wherever it is', () => {
      const step = bytes.length <= SHORT_BYTES ? 1 : CUT_EVERY_BYTES
      for (let length = 0; length < bytes.length; length += step) {
        const cut = bytes.subarray(0, length)
        const outcome = outcomeOf(() => decompress(type, cut, { maxBytes: sizeBytes }))
        // Half a magic is none, so what is left is taken for a block without framing. And the framing has no end: a cut
        // between two blocks leaves fewer of them.
        const isHalfMagic = type === 'snappy' && length > 1 && length < XERIAL_MAGIC_BYTES
        const code = isHalfMagic ? 'CORRUPT' : 'TRUNCATED'
        if (outcome instanceof CompressionError) expect(outcome.code, `cut at ${length}`).toBe(code)
        else expect(type === 'snappy' && outcome.length < sizeBytes, `cut at ${length}`).toBe(true)
      }
    })
  },
)

function outcomeOf(run: () => Buffer): Buffer | CompressionError {
  try {
    return run()
  } catch (error) {
    if (error instanceof CompressionError) return error
    throw error
  }
}
