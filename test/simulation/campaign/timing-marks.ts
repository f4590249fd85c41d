import { type Mark, marksIn } from './mark.ts'

/** What becomes of records that have a time of their own. */
export const TIMING_MARKS: readonly Mark[] = [
  ...marksIn('timed/expiring-records.ts', {
    'a record expires': 'this.#deps.takeBack(next.taken, expired(',
  }),
  ...marksIn('timed/delayed-records.ts', {
    'a record that was held back is let in': 'delayed.taken = this.#deps.memory.spend(',
    'a record that is held back is discarded': 'this.#deps.memory.release(delayed.reservedBytes)',
  }),
]
