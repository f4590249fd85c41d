import { SingleBar } from 'cli-progress'
import type { ChaosEvents, Stage } from './run-chaos.ts'

export interface ChaosProgress {
  readonly events: ChaosEvents
  readonly stop: () => void
}

/** On a terminal a bar that names the faults of the moment, elsewhere a line per fault; on stderr either way. */
export function chaosProgress(recordCount: number): ChaosProgress {
  return process.stderr.isTTY ? progressBar(recordCount) : faultLines()
}

function progressBar(recordCount: number): ChaosProgress {
  const bar = new SingleBar({
    format: '{stage} [{bar}] {value}/{total} acknowledged, {failed} failed  {faults}',
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    barsize: 20,
    gracefulExit: false, // main.ts handles the signals
  })
  const faults = new Set<string>()
  const show = (): void => bar.update({ faults: [...faults].join(', ') })
  bar.start(recordCount, 0, { stage: '', failed: 0, faults: '' })
  return {
    events: {
      onStage: (stage) => bar.update({ stage: stage.padEnd('starting brokers'.length) }),
      onCounts: (counts) => {
        const lanes = Object.values(counts)
        const acked = lanes.reduce((sum, lane) => sum + lane.acked, 0)
        bar.setTotal(Math.max(recordCount, acked))
        bar.update(acked, { failed: lanes.reduce((sum, lane) => sum + lane.failed, 0) })
      },
      onBegin: ({ name }) => {
        faults.add(name)
        show()
      },
      onEnd: ({ name }) => {
        faults.delete(name)
        show()
      },
    },
    stop: () => bar.stop(),
  }
}

function faultLines(): ChaosProgress {
  const startedMs = performance.now()
  let acked = 0
  const line = (name: string, what: string): void => {
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)
    process.stderr.write(
      `${seconds} s  ${acked.toLocaleString('en-US').padStart(12)} acknowledged  ${name.padEnd(18)} ${what}\n`,
    )
  }
  return {
    events: {
      onStage: (stage: Stage) => line(stage, ''),
      onCounts: (counts) => {
        acked = Object.values(counts).reduce((sum, lane) => sum + lane.acked, 0)
      },
      onBegin: () => {},
      onEnd: ({ name }, { hits, what }) => line(name, hits === 0 ? `missed: ${what}` : what),
    },
    stop: () => {},
  }
}
