import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { aliveBrokers } from './broker-probe.ts'

const BROKER = join(import.meta.dirname, 'start-and-wait.ts')
const WRITERS = join(import.meta.dirname, 'write-and-wait.ts')
const WITHIN_10_S = { timeout: 10_000 }

// Only where Kafka came from Maven do we know that a local JVM can run.
describe.skipIf(inject('kafka')?.provider !== 'maven')('Kafka and its data are gone', () => {
  let temporary: string
  let run: ChildProcess | undefined

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'linger-outlived-'))
  })

  afterEach(async () => {
    run?.kill('SIGKILL')
    await rm(temporary, { recursive: true, force: true })
  })

  test.each([
    ['is killed with -9', 'SIGKILL'],
    // As the terminal sends it: to all processes of the run at once.
    ['is ended by Ctrl-C', 'SIGINT'],
    ['is terminated', 'SIGTERM'],
  ] as const)('after a run that %s', async (_, signal) => {
    const { bootstrapServers, brokerPid, runPid } = await start('wait')
    expect(await aliveBrokers(bootstrapServers, 2_000)).toBe(1)
    expect(await readdir(temporary)).toEqual([expect.stringMatching(/^linger-kafka-/u)])
    process.kill(signal === 'SIGINT' ? -runPid : runPid, signal)
    await untilGone(brokerPid)
  })

  test.each([
    ['throws', 'throw'],
    ['ends without a stop', 'return'],
  ])('after a run that %s', async (_, end) => {
    const { brokerPid } = await start(end)
    await untilGone(brokerPid)
  })

  test('after a run that is killed with -9 while its JVMs write', async () => {
    const pids = await firstLine(WRITERS)
    run?.kill('SIGKILL')
    for (const pid of pids.split(' ')) await untilGone(Number(pid))
  })

  async function start(end: string): Promise<{ bootstrapServers: string; brokerPid: number; runPid: number }> {
    const [bootstrapServers = '', brokerPid] = (await firstLine(BROKER, end)).split(' ')
    return { bootstrapServers, brokerPid: Number(brokerPid), runPid: run?.pid ?? 0 }
  }

  async function firstLine(script: string, ...args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
      env: { ...process.env, TMPDIR: temporary },
    })
    run = child
    for await (const line of createInterface(child.stdout)) return line
    throw new Error('the run ended before it had said anything')
  }

  async function untilGone(pid: number): Promise<void> {
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), WITHIN_10_S)
    await vi.waitFor(async () => expect(await readdir(temporary)).toEqual([]), WITHIN_10_S)
  }
})
