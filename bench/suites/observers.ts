import { fileURLToPath } from 'node:url'
import { type PairsMeasurement, type PairsWorkload, SIDES } from '../clients/observed-pairs/pairs.ts'
import { judge, percent } from '../report/acceptance.ts'
import type { SuiteReport } from '../report/report.ts'
import { median, medianRatio } from '../report/statistics.ts'
import { runProgram } from '../run/client-process.ts'
import { type Cluster, startSink } from '../run/cluster.ts'
import { createTopic } from '../run/topics.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'observers'
const CLIENT = fileURLToPath(new URL('../clients/observed-pairs/main.ts', import.meta.url))

/** A turn takes some hundredths of a second. */
const RECORDS = { callback: 100_000, promise: 30_000 }
/** As in the suites of the same modes. */
const LINGER_MS = { callback: 5, promise: 0 }
const TURN_MS_MAX = 60_000
const PAIRS = 300
const PAIRS_WHEN_QUICK = 20

type Mode = keyof typeof RECORDS

type Measured = ReadonlyMap<Mode, readonly PairsMeasurement[]>

/** What it costs that a producer can be observed. */
export const observers: Suite = {
  name: NAME,
  about:
    'CPU of counters, and of looking for subscribers, when nobody listens: pairs in one process (always on the sink)',
  async run({ rounds, quick, progress }) {
    const sink = await startSink()
    try {
      const results = new Map<Mode, PairsMeasurement[]>()
      for (const mode of ['callback', 'promise'] as const) {
        const measured: PairsMeasurement[] = []
        // Who is loaded first is compiled first: each is as often as the other.
        for (let process = 0; process < 2 * rounds; process++) {
          progress(`${NAME}: ${mode}, process ${process + 1} of ${2 * rounds}`)
          const pairs = quick ? PAIRS_WHEN_QUICK : PAIRS
          measured.push(await measure(sink, { mode, pairs, first: SIDES[process % 2 === 0 ? 0 : 1] }))
        }
        results.set(mode, measured)
      }
      return report(results)
    } finally {
      await sink.stop()
    }
  },
}

async function measure(
  sink: Cluster,
  { mode, ...turn }: Pick<PairsWorkload, 'pairs' | 'first'> & { readonly mode: Mode },
): Promise<PairsMeasurement> {
  const base = { ...baseWorkload(false), lingerMs: LINGER_MS[mode], records: RECORDS[mode], durationMs: TURN_MS_MAX }
  const { bootstrapServers } = sink
  const observed = await createTopic(sink, `${NAME}-0`, base.partitions)
  const unobserved = await createTopic(sink, `${NAME}-1`, base.partitions)
  const topics = { observed: observed.name, unobserved: unobserved.name }
  const workload: PairsWorkload = { ...base, ...turn, mode, bootstrapServers, topics }
  const { line } = await runProgram([process.execPath, CLIENT], workload)
  for (const topic of [observed, unobserved]) await topic.delete()
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from the client, in the same version
  return JSON.parse(line) as PairsMeasurement
}

function report(results: Measured): SuiteReport {
  return {
    suite: NAME,
    tables: [
      {
        title: 'With nobody listening, against an engine that nothing observes',
        header: ['mode', 'processes', 'CPU µs a record', 'unobserved', 'ratio', 'lowest process', 'highest process'],
        rows: [...results].map(([mode, measured]) => {
          const ratios = ratiosOf(measured)
          const figures = [
            ...SIDES.map((side) => median(measured.map((of) => median(of[side])))),
            median(ratios),
            Math.min(...ratios),
            Math.max(...ratios),
          ]
          return [mode, `${measured.length}`, ...figures.map((figure) => figure.toFixed(3))]
        }),
      },
    ],
    claims: [...results].map(([mode, measured]) =>
      judge({
        suite: NAME,
        claim: `observers with nobody listening: CPU per record, a ${mode} per record`,
        figure: median(ratiosOf(measured)) - 1,
        atMost: 0.02,
        format: percent,
      }),
    ),
    runs: [...results],
  }
}

function ratiosOf(measured: readonly PairsMeasurement[]): readonly number[] {
  return measured.map(({ observed, unobserved }) => medianRatio(observed, unobserved))
}
