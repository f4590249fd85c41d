import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { noAnomalies } from '../delivery-checker/anomaly.ts'
import { noTransactionAnomalies } from '../delivery-checker/transaction-findings.ts'
import { runProgram, startProgram } from '../run-program.ts'
import type { FaultCount } from './faults/fault-storm.ts'

interface ChaosTransactions {
  readonly transactions: { readonly committed: number; readonly aborted: number }
}

const PROGRAM = 'test/chaos/main.ts'
/** Three brokers are slow to start on a machine that has other work. */
const TIMEOUT_MS = 300_000
const COUNT = 100_000
/** Of each sort one that is quick: the network, the process of the producers, a broker, its leaderships. */
const QUICK_FAULTS = ['reset', 'cut-answers', 'late-requests', 'event-loop-stall', 'broker-kill', 'coordinator-moves']

// Only where Kafka came from Maven do we know that a local JVM can run, and only such brokers can be killed.
describe.skipIf(inject('kafka')?.provider !== 'maven')('three brokers under faults', { timeout: TIMEOUT_MS }, () => {
  test('have every acknowledged record where it was said to be, as each configuration promises', async () => {
    const args = ['--records', String(COUNT), '--seconds', '10', '--faults', QUICK_FAULTS.join(','), '--json']
    const { exitCode, stdout, stderr } = await runProgram(PROGRAM, ...args)
    expect(exitCode, stdout + stderr).toBe(0)

    const result: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(result).toMatchObject({ ok: true, anomalies: noAnomalies(), stuck: [], keptAlive: false })
    expect(result).toMatchObject({ transactions: { anomalies: noTransactionAnomalies() } })
    expect(result).toSatisfy(
      ({ transactions }: ChaosTransactions) => transactions.committed > 0 && transactions.aborted > 0,
    )
    expect(result).toSatisfy(({ sent }: { readonly sent: number }) => sent >= COUNT)
    expect(result).toSatisfy(({ faults }: { readonly faults: Record<string, FaultCount> }) =>
      QUICK_FAULTS.every((name) => (faults[name]?.hits ?? 0) > 0),
    )
  })
})

// What a process inherits is told by the system only there.
describe.skipIf(inject('kafka')?.provider !== 'maven' || process.platform !== 'linux')(
  'nothing is left',
  { timeout: TIMEOUT_MS },
  () => {
    let temporary: string

    beforeEach(async () => {
      temporary = await mkdtemp(join(tmpdir(), 'linger-chaos-'))
    })
    afterEach(async () => {
      for (const pid of await processesOf(temporary)) process.kill(pid, 'SIGKILL')
      await rm(temporary, { recursive: true, force: true })
    })

    test.each([
      ['is ended by Ctrl-C', 'SIGINT'],
      ['is killed with -9', 'SIGKILL'],
    ] as const)('of a run that %s while a broker and its producers stand still', async (_, signal) => {
      const args = ['--records', '10000', '--seconds', '600', '--faults', 'freeze,broker-pause']
      const { child, ended } = startProgram(PROGRAM, args, { TMPDIR: temporary })
      await vi.waitFor(async () => expect(await stoppedProcessesOf(temporary)).toHaveLength(2), { timeout: 100_000 })
      expect((await processesOf(temporary)).length).toBeGreaterThanOrEqual(6) // the run, three brokers, load and admin

      child.kill(signal)
      const { exitCode } = await ended
      expect(exitCode).toBe(signal === 'SIGINT' ? 130 : null)
      await vi.waitFor(async () => expect(await processesOf(temporary)).toEqual([]), { timeout: 20_000 })
      await vi.waitFor(async () => expect(await readdir(temporary)).toEqual([]), { timeout: 20_000 })
    })
  },
)

/** The run and all it started: they have its TMPDIR in their environment. */
async function processesOf(temporary: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))
  const ours = pids.map(async (pid) => (await procFile(pid, 'environ')).split('\0').includes(`TMPDIR=${temporary}`))
  const isOurs = await Promise.all(ours)
  return pids.filter((_, index) => isOurs[index]).map(Number)
}

async function stoppedProcessesOf(temporary: string): Promise<number[]> {
  const stopped: number[] = []
  for (const pid of await processesOf(temporary)) {
    if (/\) T /u.test(await procFile(String(pid), 'stat'))) stopped.push(pid)
  }
  return stopped
}

/** Empty for a process that has ended meanwhile, or is not ours to read. */
async function procFile(pid: string, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
}
