import type { TransactionalWire } from '../transactional-wire.ts'

export type Step = (tx: TransactionalWire) => unknown

/** What is asked of two brokers, one question after the other; both must give the same answers. */
export interface TransactionCase {
  readonly name: string
  readonly steps: readonly Step[]
}

export const OLD = 4
export const NEW = 5

export const init: Step = (tx) => tx.init()
export const add: Step = (tx) => tx.add()
export const log: Step = (tx) => tx.log()
export const state: Step = (tx) => tx.state()
export const offsets: Step = (tx) => tx.offsets()
export const write =
  (sequence: number, version = 11): Step =>
  (tx) =>
    tx.write({ sequence, version })
export const end =
  (committed: boolean, version: number): Step =>
  (tx) =>
    tx.end(committed, version)
export const epoch =
  (change: number): Step =>
  (tx) =>
    tx.pretend({ producerEpoch: tx.producerEpoch + change })
export const otherId: Step = (tx) => tx.pretend({ producerId: tx.producerId + 100_000n })
/** It goes on as if its last request had got no answer. */
export const again =
  (committed: boolean, version: number, then = committed): Step =>
  async (tx) => {
    const { producer } = tx
    const first = await tx.end(committed, version)
    tx.pretend(producer)
    return [first, await tx.end(then, version)]
  }

export const protocols = [OLD, NEW]
export const outcomes = [true, false]
export const inWords = (committed: boolean): string => (committed ? 'commit' : 'abort')
