import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import { drawConfig } from './draw-config.ts'
import type { ProducerPlan, Step, TransactionStep } from './plan.ts'

/** When one producer of a transactional id begins, and how it makes room for the next one. */
interface Life {
  readonly bornAtMs: number
  readonly endsAtMs: number
  /** A zombie does not know that its successor is there. */
  readonly end: 'KILLED' | 'CLOSED' | 'ZOMBIE' | 'LAST'
}

const LIVES_MAX = 3
const ENDS = ['KILLED', 'KILLED', 'CLOSED', 'ZOMBIE', 'ZOMBIE'] as const

/** The producers of one transactional id: most are followed by another one, and some do not make room for it. */
export function drawIncarnations(
  random: SeededRandom,
  name: string,
  topics: readonly string[],
  busyMs: number,
): ProducerPlan[] {
  const shape = random.split('shape')
  const shared = {
    topics,
    missingPartitions: 0,
    valueBytesUsual: shape.pick([40, 40, 100, 300]),
    ticksFirst: shape.isLucky(0.5),
  }
  const transactionTimeoutMs = shape.pick([1_000, 5_000, 20_000, 60_000])
  return drawLives(random.split('lives'), busyMs).map((life, index): ProducerPlan => {
    const own = random.split(index)
    const config = drawTransactionalConfig(own.split('config'))
    return {
      ...shared,
      valueBytesMax: shared.valueBytesUsual,
      config: { ...config, transactionalId: name, transactionTimeoutMs },
      transactions: {
        style: own.pick(['callback', 'by-hand']),
        groupId: `group-of-${name}`,
        ...(life.end === 'KILLED' ? { killedAtMs: life.endsAtMs } : {}),
      },
      steps: drawTransactionSteps(own.split('steps'), life),
    }
  })
}

/** The last one lives to the end. */
function drawLives(random: SeededRandom, busyMs: number): Life[] {
  const count = random.pick([1, 2, 2, LIVES_MAX])
  const births = [0, ...Array.from({ length: count - 1 }, () => random.below(busyMs))].toSorted((a, b) => a - b)
  return births.map((bornAtMs, index) => {
    const next = births[index + 1]
    if (next === undefined) return { bornAtMs, endsAtMs: busyMs, end: 'LAST' }
    const end = random.pick(ENDS)
    return { bornAtMs, endsAtMs: end === 'ZOMBIE' ? busyMs : Math.max(bornAtMs, next - random.below(50)), end }
  })
}

/** Transactions need idempotence, and take their time from fewer sources than records do. */
function drawTransactionalConfig(random: SeededRandom): ProducerPlan['config'] {
  const { acks: _acks, enableIdempotence: _idempotence, retries: _retries, ...config } = drawConfig(random)
  return {
    ...config,
    maxBlockMs: random.pick([200, 1_000, 3_000, 10_000]),
    // What a record waits for is over while a commit that nobody waits for any more goes on.
    ...(random.isLucky(0.3) ? { maxBlockMs: 200, requestTimeoutMs: 300, deliveryTimeoutMs: 1_000, lingerMs: 0 } : {}),
    bufferMemory: 32_000_000,
    maxRequestSize: 1_048_576,
    metadataMaxAgeMs: random.pick([200, 1_000, 10_000, 300_000]),
  }
}

function drawTransactionSteps(random: SeededRandom, { bornAtMs, endsAtMs, end }: Life): Step[] {
  const count = random.between(4, 24)
  const isSteady = random.isLucky(0.3)
  const recordsMax = random.pick([1, 4, 10, 30])
  const spanMs = Math.max(1, endsAtMs - bornAtMs)
  const steps = Array.from({ length: count }, (_, index): Step => {
    // One after the other without a pause meets what is still being written of the one before.
    const atMs = bornAtMs + Math.floor(isSteady ? (index * spanMs) / count : random.below(spanMs) * 0.9)
    return drawTransaction(random, index === 0 ? bornAtMs : atMs, recordsMax)
  })
  const timeout = random.pick([{}, { timeoutMs: 0 }, { timeoutMs: 100 }, { timeoutMs: 2_000 }])
  if (end === 'CLOSED') steps.push({ do: 'close', atMs: endsAtMs, ...timeout })
  return steps.toSorted((a, b) => a.atMs - b.atMs)
}

function drawTransaction(random: SeededRandom, atMs: number, recordsMax: number): TransactionStep {
  const isEmpty = random.isLucky(0.05)
  const portions = Array.from({ length: isEmpty ? 0 : random.pick([1, 1, 2, 3]) }, () => random.between(1, recordsMax))
  return {
    do: 'transaction',
    atMs,
    portions,
    pauseMs: random.pick([0, 1, 50, 1_500]),
    call: random.pick(['send', 'send', 'produce', 'acks']),
    isAwaited: random.isLucky(0.5),
    hasOffsets: random.isLucky(0.35),
    end: random.pick(['commit', 'commit', 'commit', 'commit', 'abort', 'leave']),
  }
}
