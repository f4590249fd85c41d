import { startBroker, type RunningBroker } from '@linger/broker'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RegistryStandIn } from '../../packages/schemas/test/registry-stand-in.ts'
import { runProgram } from '../run-program.ts'

describe('the example', () => {
  let broker: RunningBroker
  let standIn: RegistryStandIn

  beforeEach(async () => {
    broker = await startBroker()
    standIn = await RegistryStandIn.start()
  })
  afterEach(async () => {
    await broker.close()
    await standIn.close()
  })

  test('validated-orders writes what fits, and says which field of the rest does not', async () => {
    const { exitCode, stdout, stderr } = await runProgram('examples/validated-orders.ts', broker.bootstrapServers)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^ada: offset 0\nbob: never written\. orders: .*lines\.0\.count: /u)
  })

  test('schema-registry registers its schema, and writes what fits', async () => {
    const args = [broker.bootstrapServers, standIn.url]
    const { exitCode, stdout, stderr } = await runProgram('examples/schema-registry.ts', ...args)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^tea: offset 0\ncake: never written\. orders: it does not fit its schema: .*count/u)
    expect(standIn.subjects).toEqual(['orders-value'])
  })
})
