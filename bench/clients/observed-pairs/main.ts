import type { Producer } from '@linger/producer'
import { type Counts, type Driver, runPart } from '../driver.ts'
import { configFor, driverOf } from '../linger/linger-driver.ts'
import { type PairsMeasurement, type PairsWorkload, type Side, SIDES } from './pairs.ts'
import { engineLoader } from './two-engines.ts'

// The engine as it is and the same unobserved, in one process and in turn: what drifts, drifts for both.

/** Pairs before the first that counts. */
const WARMUP_PAIRS = 10

interface Engine {
  readonly producer: Producer
  readonly driver: Driver
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from the suite, in the same version
const { topics, first, pairs, ...common } = JSON.parse(process.argv[2] ?? '') as PairsWorkload
const order = first === SIDES[0] ? SIDES : SIDES.toReversed()
const load = engineLoader()
const engines = new Map<Side, Engine>()
for (const side of order) engines.set(side, await engineOf(side))

const measurement: PairsMeasurement = { observed: [], unobserved: [] }
for (let pair = -WARMUP_PAIRS; pair < pairs; pair++) {
  for (const side of pair % 2 === 0 ? order : order.toReversed()) {
    const cost = await costOfTurn(side)
    if (pair >= 0) measurement[side].push(cost)
  }
}
for (const [side, { producer, driver }] of engines) {
  const counted = producer.metrics().producer['record-send-total']
  if (counted > 0 !== (side === 'observed')) throw new Error(`${side}: ${counted} records were counted`)
  await driver.close()
}
process.stdout.write(`${JSON.stringify(measurement)}\n`)

async function engineOf(side: Side): Promise<Engine> {
  const workload = { ...common, topic: topics[side] }
  const { Producer: Class } = await load(side)
  const producer = new Class(configFor(workload))
  return { producer, driver: await driverOf(producer, workload) }
}

async function costOfTurn(side: Side): Promise<number> {
  const engine = engines.get(side)
  if (engine === undefined) throw new Error(`there is no ${side} engine`)
  const counts: Counts = { acked: 0, failed: 0, firstError: undefined }
  const before = process.cpuUsage()
  await runPart(engine.driver, { ...common, topic: topics[side] }, common, counts)
  const { user, system } = process.cpuUsage(before)
  if (counts.acked !== common.records)
    throw new Error(`${counts.acked} of ${common.records} records were acknowledged`, { cause: counts.firstError })
  return (user + system) / counts.acked
}
