import type { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'
import type { Timeline } from '../../packages/producer/test/world/timeline.ts'
import { VirtualCompression } from '../../packages/producer/test/world/virtual-compression.ts'
import type { ProducerProcess } from './producer-process.ts'

/** Codecs whose thread pool takes its time, and answers into the event loop of a process that may be frozen or gone. */
export function compressionOf(process: ProducerProcess, timeline: Timeline, random: SeededRandom): VirtualCompression {
  return new VirtualCompression({
    after: (delayMs, run) => void timeline.after(delayMs, () => process.deliver(run)),
    jobMs: () => random.between(0, 20),
    fromBytes: random.pick([0, 300, 65_536]),
  })
}
