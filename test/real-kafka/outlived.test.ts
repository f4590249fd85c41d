import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { aliveBrokers } from './broker-probe.ts'

const SCRIPT = join(import.meta.dirname, 'start-and-wait.ts')

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

  async function start(end: string): Promise<{ bootstrapServers: string; brokerPid: number; runPid: number }> {
    const child = spawn(process.execPath, [SCRIPT, end], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
      env: { ...process.env, TMPDIR: temporary },
    })
    run = child
    for await (const line of createInterface(child.stdout)) {
      const [bootstrapServers = '', brokerPid] = line.split(' ')
      return { bootstrapServers, brokerPid: Number(brokerPid), runPid: child.pid ?? 0 }
    }
    throw new Error('the run ended before it had started Kafka')
  }

  async function untilGone(brokerPid: number): Promise<void> {
    await vi.waitFor(() => expect(() => process.kill(brokerPid, 0)).toThrow('ESRCH'), { timeout: 10_000 })
    await vi.waitFor(async () => expect(await readdir(temporary)).toEqual([]), { timeout: 10_000 })
  }
})
