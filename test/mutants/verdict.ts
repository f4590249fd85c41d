import type { Mutant } from './mutant.ts'

/** How a mutant ended. */
export type Verdict =
  | {
      readonly kind: 'killed'
      readonly mutant: Mutant
      /** Histories that it took, this one included. */
      readonly seedsToKill: number
      readonly seed: number
      readonly oracle: string
      readonly violation: string
    }
  | { readonly kind: 'survived'; readonly mutant: Mutant; readonly seeds: number }
  /** Its thread hung or died, which is no judgement of an oracle: a mutant must be better than that. */
  | { readonly kind: 'no verdict'; readonly mutant: Mutant; readonly seed: number; readonly reason: string }

/** Who speaks so, by words of the violation. The delivery checker begins its own with the anomaly's name. */
const ORACLES: readonly (readonly [words: RegExp, oracle: string])[] = [
  [
    /^(?:lost|duplicated|reordered|misplaced|corrupted|untrueOffset|sharedOffset|untrueNever|untyped|invented):/u,
    'log',
  ],
  [/^(?:torn|lostCommit|committedFailure|abortedVisible|mixed|unfenced|outside|offsetsAstray|hanging):/u, 'readers'],
  [/^readers never get|a transaction never ends/u, 'readers'],
  [/becomes (?:abort|commit) in epoch|begins in epoch|after it was fenced|Produce names/u, 'coordinator'],
  [/finished without need|no transaction is committed|is not finished/u, 'recovery'],
  [/^(?:settledTwice|settledLate|settledOutOfOrder|unsettled):/u, 'settlement'],
  [/never ends?\b|never end\b|never closed|and no end|not settled|is still set/u, 'end'],
  [/bufferMemory|given back|bytes of buffers/u, 'memory'],
  [/a buffer changed|a write before/u, 'socket'],
  [/^uncaught:|unhandled rejection|a call failed with|past the ports/u, 'exception'],
]

/**
 * Which oracle has found a violation; the rest is the wire's.
 *
 * @param violation as the simulation words it: `123 ms: producer 0: ...`
 */
export function oracleOf(violation: string): string {
  const text = violation.replace(/^\d+ ms: /u, '').replace(/^producer \d+: /u, '')
  return ORACLES.find(([words]) => words.test(text))?.[1] ?? 'wire'
}
