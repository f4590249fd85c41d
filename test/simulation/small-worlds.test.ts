import type { Fault } from '@linger/broker'
import { describe, expect, test } from 'vitest'
import type { ProducerPlan } from './plan/plan.ts'
import type { Simulation, SimulationResult } from './simulation.ts'
import { HEAL_AT_MS, runSmallWorld, TOPICS } from './small-world.ts'

const MODES: readonly (readonly [name: string, config: ProducerPlan['config']])[] = [
  ['idempotence', {}],
  ['acks 1', { acks: 1 }],
  ['acks 0', { acks: 0 }],
]

const CONVERSATION = { partitions: [0, 1, 0, 0, 1, 1], atMs: [0, 0, 20, 40, 40, 60] } as const
const MANY_BYTES = 1_000_000

/** All histories take some ten seconds of a processor: how long that is depends on what else runs. */
const TIMEOUT_MS = 1_800_000

describe('a connection that is reset', () => {
  test.each(MODES)(
    'at any byte of any request or answer breaks no promise of %s',
    async (_, config) => {
      for (const direction of ['up', 'down'] as const) {
        const sizeBytes = await conversationBytes(direction, config)
        expect(sizeBytes, `bytes ${direction}`).toBeGreaterThan(300)
        for (let afterBytes = 1; afterBytes <= sizeBytes; afterBytes++) {
          const { result, leftBytes } = await resetAfter(afterBytes, direction, config)
          expect(leftBytes, `it was reset after ${afterBytes} bytes ${direction}`).toBe(0)
          expect(result.violations, `after ${afterBytes} bytes ${direction}`).toEqual([])
        }
      }
    },
    TIMEOUT_MS,
  )
})

/** How many bytes pass on all connections when nothing goes wrong. */
async function conversationBytes(direction: 'up' | 'down', config: ProducerPlan['config']): Promise<number> {
  const { result, leftBytes } = await resetAfter(MANY_BYTES, direction, config)
  expect(result.violations).toEqual([])
  expect(result.delivery.acked).toBe(result.delivery.sent)
  return MANY_BYTES - leftBytes
}

/**
 * Bytes of one direction are counted over all connections, and the one is reset on which the last of them arrives. What
 * follows the conversation, to see that the producer has recovered, is not counted.
 */
async function resetAfter(
  afterBytes: number,
  direction: 'up' | 'down',
  config: ProducerPlan['config'],
): Promise<{ result: SimulationResult; leftBytes: number }> {
  const budget = { leftBytes: afterBytes }
  let leftBytes = afterBytes
  const prepare = (simulation: Simulation): void => {
    simulation.network.onConnection = (connection) => {
      connection[direction].cut = { budget, run: () => connection.reset() }
    }
    simulation.after(HEAL_AT_MS - 1, () => {
      leftBytes = budget.leftBytes
      budget.leftBytes = Infinity
    })
  }
  const result = await runSmallWorld({ ...CONVERSATION, config, prepare })
  return { result, leftBytes }
}

/** What happens to one Produce request, from 'nothing' on. */
const TROUBLES: readonly ((simulation: Simulation) => Fault)[] = [
  () => ({ kind: 'pass' }),
  () => ({ kind: 'reset', when: 'before' }),
  () => ({ kind: 'close', when: 'after' }),
  () => ({ kind: 'error', errorCode: 19 }),
  () => ({ kind: 'error', errorCode: 45 }),
  () => ({ kind: 'error', errorCode: 7, when: 'after' }),
  () => ({ kind: 'hang', when: 'after' }),
  moveLeaders,
]

/** The request meets a broker that leads no longer. */
function moveLeaders({ cluster }: Simulation): Fault {
  for (const topic of TOPICS) {
    const partition = cluster.partition(topic, 0)
    partition.elect(partition.leaderId === 1 ? 2 : 1)
  }
  return { kind: 'pass' }
}

/** All lists of `length` numbers below `limit`. */
function* lists(length: number, limit: number): Generator<number[]> {
  for (let code = 0; code < limit ** length; code++) {
    yield Array.from({ length }, (_, place) => Math.floor(code / limit ** place) % limit)
  }
}

describe('up to three records, two partitions and three faults', () => {
  const SOON_MS = 0
  const LATER_MS = 12
  const FAULTS_MAX = 3

  test.each([1, 2, 3])(
    'in every order break no promise, with records: %i',
    async (recordCount) => {
      let runs = 0
      for (const partitions of lists(recordCount - 1, 2)) {
        for (const gaps of lists(recordCount - 1, 2)) {
          for (const troubles of lists(FAULTS_MAX, TROUBLES.length)) {
            const { violations } = await history(partitions, gaps, troubles)
            expect(violations, JSON.stringify({ partitions, gaps, troubles })).toEqual([])
            runs++
          }
        }
      }
      expect(runs).toBe(4 ** (recordCount - 1) * TROUBLES.length ** FAULTS_MAX)
    },
    TIMEOUT_MS,
  )

  /** The first record goes left: the other half of the histories is the same with the names exchanged. */
  async function history(
    partitions: readonly number[],
    gaps: readonly number[],
    troubles: readonly number[],
  ): Promise<SimulationResult> {
    let atMs = 0
    const times = [0, ...gaps.map((gap) => (atMs += gap === 0 ? SOON_MS : LATER_MS))]
    const prepare = (simulation: Simulation): void => {
      let requests = 0
      simulation.cluster.faults.intercept(({ apiName }) =>
        apiName === 'Produce' ? TROUBLES[troubles[requests++] ?? 0]?.(simulation) : undefined,
      )
    }
    const places = partitions.map((partition): 0 | 1 => (partition === 0 ? 0 : 1))
    return runSmallWorld({ partitions: [0, ...places], atMs: times, prepare })
  }
})
