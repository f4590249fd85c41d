import { describe, expect, test } from 'vitest'
import { runProgram } from '../run-program.ts'

/** Far from what any of it needs on a machine with nothing else to do. */
const TIMEOUT_MS = 1_200_000

describe('pnpm sim', () => {
  test(
    'finds no broken promise in a few hundred histories',
    async () => {
      const { exitCode, stdout, stderr } = await runProgram('test/simulation/main.ts', '--seeds', '250', '--json')
      expect(exitCode, stdout + stderr).toBe(0)
      const summary: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
      expect(summary).toMatchObject({ seeds: 250, failed: 0, passed: true, ranTwice: 3 })
    },
    TIMEOUT_MS,
  )

  test(
    'finds no broken promise in a few hundred histories of transactions',
    async () => {
      const args = ['--transactions', '--seeds', '250', '--json']
      const { exitCode, stdout, stderr } = await runProgram('test/simulation/main.ts', ...args)
      expect(exitCode, stdout + stderr).toBe(0)
      const summary: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
      expect(summary).toMatchObject({ seeds: 250, failed: 0, passed: true, ranTwice: 3 })
    },
    TIMEOUT_MS,
  )

  test(
    'finds an engine that is broken on purpose, and shrinks what found it',
    async () => {
      const { exitCode, stdout } = await runProgram(
        'test/simulation/main.ts',
        '--seeds',
        '200',
        '--base',
        '1',
        '--canary',
      )
      expect(stdout).toMatch(/the canary was found after \d+ seeds/u)
      expect(stdout).toMatch(
        /replay: pnpm sim --seed \d+ --trace trace\.jsonl\n {2}shrunk to \d+ faults and \d+ calls/u,
      )
      expect(exitCode).toBe(0)
    },
    TIMEOUT_MS,
  )

  test(
    'makes the same trace of a seed in another process, and another trace of another seed',
    async () => {
      const traceOf = async (seed: string): Promise<string | undefined> => {
        const { stdout } = await runProgram('test/simulation/main.ts', '--seed', seed)
        return /trace ([0-9a-f]{64})/u.exec(stdout)?.[1]
      }
      const trace = await traceOf('4711')
      expect(trace).toBeDefined()
      expect(await traceOf('4711')).toBe(trace)
      expect(await traceOf('4712')).not.toBe(trace)
    },
    TIMEOUT_MS,
  )

  test('answers a wrong argument with one line that says what would be right', async () => {
    const { exitCode, stderr } = await runProgram('test/simulation/main.ts', '--seeds', 'many')
    expect(stderr).toContain('It must be an integer from 1 to 10000000')
    expect(exitCode).toBe(1)
  })
})
