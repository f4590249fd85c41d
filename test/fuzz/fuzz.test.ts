import { randomInt } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzzTarget } from './fuzz-target.ts'
import { FUZZ_TARGETS } from './fuzz-targets.ts'
import { runTarget } from './run-target.ts'

/** `pnpm fuzz` goes on for longer. */
const SECONDS = process.env['CI'] === undefined ? 20 : 150
const SEED = randomInt(2 ** 31 - 1)
const timeMs = (SECONDS * 1000) / FUZZ_TARGETS.length

process.stdout.write(`fuzzing for ${SECONDS} seconds, seed ${SEED}\n`)

test.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))(
  'S20, S24: %s: any input is a value or a refusal, in little memory',
  async (_name, target) => {
    const { inputCount, finding } = await runTarget(target, { seed: SEED, timeMs })
    expect(finding).toBeUndefined()
    expect(inputCount).toBeGreaterThan(0)
  },
)

describe('the fuzzer finds', () => {
  const inputs = fc.uint8Array({ maxLength: 50 })
  const isRefusal = (error: unknown): boolean => error instanceof RangeError
  const findingOf = async (read: (bytes: Uint8Array) => unknown): Promise<string | undefined> => {
    const { finding } = await runTarget(fuzzTarget('canary', { inputs, read, isRefusal }), { seed: 1, timeMs: 5_000 })
    return finding
  }
  /** An input in some hundred. */
  const isRare = (bytes: Uint8Array): boolean => bytes.includes(7)

  test('what is thrown and is no refusal, makes it small, and says how to see it again', async () => {
    const finding = await findingOf((bytes) => {
      throw isRare(bytes) ? new TypeError('oh') : new RangeError('refused')
    })
    expect(finding).toMatch(
      /^canary: TypeError: oh\n {2}input: \[Uint8Array\.from\(\[7\]\)\]\n {2}again: pnpm fuzz .*--seed 1 /,
    )
  })

  test('a rejection', async () => {
    const finding = await findingOf((bytes) => (isRare(bytes) ? Promise.reject(new TypeError('later')) : undefined))
    expect(finding).toContain('TypeError: later')
  })

  test('memory beyond 4 times the input and 1 MiB, of buffers and of objects', async () => {
    for (const take of [
      () => Buffer.alloc(1_200_000),
      () => Array.from({ length: 100_000 }, (_, index) => ({ index })),
    ]) {
      expect(await findingOf((bytes) => (isRare(bytes) ? take().length : 0))).toMatch(/bytes of memory, where \d+ are/)
    }
  })

  test('nothing in what stays within', async () => {
    const { inputCount, finding } = await runTarget(
      fuzzTarget('canary', { inputs, read: () => Buffer.alloc(900_000), isRefusal }),
      { seed: 1, timeMs: 300 },
    )
    expect(inputCount).toBeGreaterThan(10)
    expect(finding).toBeUndefined()
  })
})
