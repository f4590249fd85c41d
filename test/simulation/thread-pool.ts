import type { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'
import type { Timeline } from '../../packages/producer/test/world/timeline.ts'
import type { VirtualPool } from '../../packages/producer/test/world/virtual-compression.ts'
import type { ProducerProcess } from './producer-process.ts'

const JOB_MS_MAX = 20

/** The threads of a process, which compress its batches: none of them, those of some size, or the large ones. */
export function threadPoolOf(process: ProducerProcess, timeline: Timeline, random: SeededRandom): VirtualPool {
  return {
    after: (delayMs, run) => void timeline.after(delayMs, () => process.deliver(run)),
    jobMs: () => random.between(0, JOB_MS_MAX),
    fromBytes: random.pick([0, 300, 65_536]),
  }
}
