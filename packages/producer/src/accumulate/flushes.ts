import type { Topic } from './topic.ts'
import type { Admission } from './admission.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { RecordAccumulator } from './record-accumulator.ts'
import { RecordGroup } from './record-group.ts'

export interface FlushesDeps {
  readonly admission: Admission
  readonly accumulator: RecordAccumulator
  readonly topics: () => Iterable<Topic>
  readonly onReady: (partition: PartitionQueue) => void
}

/**
 * Waits for the records taken so far, and only for those: first until none of them waits for a place in a batch,
 * then until every batch there is then is settled. Nothing lingers meanwhile.
 */
export class Flushes {
  readonly #deps: FlushesDeps
  /** Groups of earlier flushes that are not through yet. */
  #waiting: readonly RecordGroup[] = []
  #batched: readonly RecordGroup[] = []

  constructor(deps: FlushesDeps) {
    this.#deps = deps
  }

  /** Records that are neither acknowledged nor failed. */
  get unsettledCount(): number {
    const { admission, accumulator } = this.#deps
    return countOf([...this.#waiting, admission.group, ...this.#batched, accumulator.group]) + this.#openCount
  }

  /** Records in open batches: a group counts those of a batch when it is closed. */
  get #openCount(): number {
    let count = 0
    for (const { partitions } of this.#deps.topics()) {
      for (const { open } of partitions) count += open?.liveCount ?? 0
    }
    return count
  }

  /**
   * Runs `onDone` when every record taken before this call is settled.
   *
   * @returns what tells how many of them are not
   */
  flush(onDone: () => void): () => number {
    const { admission, accumulator } = this.#deps
    accumulator.hurry()
    const waiting = unfinished([...this.#waiting, admission.group])
    this.#waiting = waiting
    admission.group = new RecordGroup()

    let batched: readonly RecordGroup[] | undefined
    whenAllEmpty(waiting, () => {
      this.#closeOpenBatches()
      batched = unfinished([...this.#batched, accumulator.group])
      this.#batched = batched
      accumulator.group = new RecordGroup()
      whenAllEmpty(batched, () => {
        accumulator.endHurry()
        onDone()
      })
    })
    return () =>
      countOf(waiting) +
      (batched === undefined ? countOf([...this.#batched, accumulator.group]) + this.#openCount : countOf(batched))
  }

  /** A batch belongs to one group: what comes after goes into new batches. */
  #closeOpenBatches(): void {
    for (const topic of this.#deps.topics()) {
      for (const partition of topic.partitions) {
        if (partition.open === undefined) continue
        partition.closeOpen()
        this.#deps.onReady(partition)
      }
    }
  }
}

function unfinished(groups: readonly RecordGroup[]): readonly RecordGroup[] {
  return groups.filter((group) => group.count > 0)
}

function countOf(groups: readonly RecordGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0)
}

function whenAllEmpty(groups: readonly RecordGroup[], run: () => void): void {
  let left = groups.length
  if (left === 0) run()
  for (const group of groups) {
    group.whenEmpty(() => {
      if (--left === 0) run()
    })
  }
}
