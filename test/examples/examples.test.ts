import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningBroker, startBroker } from '@linger/broker'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { partitionEnds } from '../../demo/topic.ts'
import { runProgram, startProgram } from '../run-program.ts'

/** How long it takes depends on what else this machine does. */
const WAIT = { timeout: 30_000, interval: 20 }

describe('the example', () => {
  let broker: RunningBroker

  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(async () => {
    await broker.close()
  })

  test('send-one writes an order and says where it is', async () => {
    const { exitCode, stdout } = await runProgram('examples/send-one.ts', broker.bootstrapServers)
    expect([exitCode, stdout]).toEqual([0, 'written to orders-0 at offset 0\n'])
    expect(await countIn('orders')).toBe(1)
  })

  test('produce-many counts its acknowledgements', async () => {
    const { exitCode, stdout } = await runProgram('examples/produce-many.ts', broker.bootstrapServers, '50000')
    expect([exitCode, stdout]).toEqual([0, '50000 of 50000 records acknowledged\n'])
    expect(await countIn('measurements')).toBe(50_000)
  })

  test('send-all writes every line of a file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'linger-example-'))
    const file = join(directory, 'lines.txt')
    await writeFile(file, 'one\ntwo\n\nfour\n')
    const { exitCode, stdout } = await runProgram('examples/send-all.ts', file, broker.bootstrapServers)
    await rm(directory, { recursive: true })
    expect([exitCode, stdout]).toEqual([0, '4 lines written\n'])
    expect(await countIn('lines')).toBe(4)
  })

  test('graceful-shutdown answers, and on SIGTERM writes what it took and ends', async () => {
    const service = startProgram('examples/graceful-shutdown.ts', [], { KAFKA: broker.bootstrapServers, PORT: '0' })
    try {
      const port = await vi.waitFor(() => {
        const [, found] = /listening on (\d+)/u.exec(service.stdout()) ?? []
        if (found === undefined) throw new Error('the service does not listen yet')
        return found
      }, WAIT)
      const answers = Array.from({ length: 20 }, async () => (await fetch(`http://127.0.0.1:${port}/x`)).text())
      await Promise.all(answers)
      service.child.kill('SIGTERM')
      expect(await service.ended).toMatchObject({ exitCode: 0, stderr: '' })
      expect(service.stdout()).toContain('everything is written')
      expect(await countIn('requests')).toBe(20)
    } finally {
      service.child.kill('SIGKILL')
    }
  })

  async function countIn(topic: string): Promise<number> {
    const ends = await partitionEnds(broker.bootstrapServers, topic)
    return ends.reduce((sum, { offset }) => sum + offset, 0)
  }
})
