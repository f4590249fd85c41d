import { describe, expect, test } from 'vitest'
import type { ChaosCluster } from '../cluster/chaos-cluster.ts'
import type { LoadProcess } from '../load/load-process.ts'
import type { Fault, FaultWorld, Strike } from './fault.ts'
import { storm } from './fault-storm.ts'

const unused = new Proxy({}, { get: () => expect.unreachable('these faults touch nothing') })
const world: Omit<FaultWorld, 'random'> = {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody looks at them
  ...({ cluster: unused, load: unused } as { cluster: ChaosCluster; load: LoadProcess }),
  signal: new AbortController().signal,
}

const calmMs = [0, 0] as const

describe('a storm of faults', () => {
  test('goes on after its time until each fault has hit something, and counts what hit', async () => {
    const [lucky, unlucky] = [fault('lucky', 'NETWORK', [3]), fault('unlucky', 'NETWORK', [0, 0, 2])]
    const ended: [string, number][] = []
    const counts = await storm({
      world,
      seed: 1,
      faults: [lucky, unlucky],
      seconds: 0,
      calmMs,
      onBegin: () => {},
      onEnd: ({ name }, { hits }) => ended.push([name, hits]),
    })
    expect(Object.fromEntries(counts)).toEqual({ lucky: { strikes: 1, hits: 3 }, unlucky: { strikes: 1, hits: 2 } })
    expect(ended.filter(([name]) => name === 'lucky')).toEqual([['lucky', 3]])
    expect(ended.filter(([name]) => name === 'unlucky').map(([, hits]) => hits)).toEqual([0, 0, 2])
  })

  test('gives up on a fault that never hits, which is then seen in the counts', async () => {
    const counts = await storm({
      world,
      seed: 1,
      faults: [fault('missing', 'CLUSTER', [])],
      seconds: 0,
      calmMs,
      onBegin: () => {},
      onEnd: () => {},
    })
    expect(counts.get('missing')).toEqual({ strikes: 0, hits: 0 })
  })

  test('comes in the order that its seed draws', async () => {
    const orderOf = async (seed: number): Promise<string[]> => {
      const order: string[] = []
      const faults = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => fault(name, 'NETWORK', [1]))
      const onBegin = ({ name }: Fault): void => void order.push(name)
      await storm({ world, seed, faults, seconds: 0, calmMs, onBegin, onEnd: () => {} })
      return order
    }
    const [first, again, other] = await Promise.all([orderOf(7), orderOf(7), orderOf(8)])
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    expect(other.toSorted()).toEqual(first.toSorted())
  })

  test('ends with the reason of a fault that could not be put right, and the other kind ends with it', async () => {
    const broken: Fault = {
      name: 'broken',
      kind: 'CLUSTER',
      strike: async () => Promise.reject(new Error('no way back')),
    }
    const storming = storm({
      world,
      seed: 1,
      faults: [broken, fault('endless', 'NETWORK', [])],
      seconds: 600,
      calmMs,
      onBegin: () => {},
      onEnd: () => {},
    })
    await expect(storming).rejects.toThrow('no way back')
  })
})

/** Hits so much at each strike, and then nothing any more. */
function fault(name: string, kind: Fault['kind'], hits: readonly number[]): Fault {
  let strikes = 0
  return { name, kind, strike: async (): Promise<Strike> => ({ hits: hits[strikes++] ?? 0, what: '' }) }
}
