import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { Timeline } from '../../../packages/producer/test/world/timeline.ts'
import { type PathConditions, UNLIMITED } from './path.ts'

/** However small the pieces are: more of them make a run long and find nothing more. */
const PIECES_MAX = 40

export interface ByteStreamDeps {
  readonly timeline: Timeline
  readonly random: SeededRandom
  readonly conditions: PathConditions
  readonly direction: 'UP' | 'DOWN'
  readonly onPiece: (piece: Buffer) => void
}

/** One direction of a connection: bytes in order, in pieces cut anywhere, each at its time. */
export class ByteStream {
  readonly #deps: ByteStreamDeps
  #arrivalMs = 0
  /** What arrives last, as far as is known. */
  #last: { timeMs: number; bytes: Buffer } | undefined
  #isAborted = false
  /** Swallows what is sent from now on, as a router does that forgot the connection. */
  isDead = false
  /** When so many more bytes have arrived, `run` happens and nothing more comes. Streams may share a budget. */
  cut: { readonly budget: { leftBytes: number }; readonly run: () => void } | undefined

  constructor(deps: ByteStreamDeps) {
    this.#deps = deps
  }

  /** @param bytes kept, and cut into pieces that share their memory */
  push(bytes: Buffer): void {
    const { random, conditions } = this.#deps
    if (this.isDead || this.#isAborted) return
    const pieceBytesMax = Math.max(conditions.pieceBytesMax, Math.ceil(bytes.length / PIECES_MAX))
    for (let from = 0; from < bytes.length;) {
      const left = bytes.length - from
      const sizeBytes =
        left <= 1 || pieceBytesMax === UNLIMITED ? left : Math.min(left, random.between(1, pieceBytesMax))
      this.#send(bytes.subarray(from, from + sizeBytes), from > 0)
      from += sizeBytes
    }
  }

  /** `onEnd` comes after all that was pushed. */
  end(onEnd: () => void): void {
    if (this.isDead || this.#isAborted) return
    this.#deps.timeline.at(this.#nextArrivalMs(false), () => {
      if (!this.#isAborted) onEnd()
    })
  }

  /** Nothing more arrives, not even what is on its way. */
  abort(): void {
    this.#isAborted = true
  }

  #send(piece: Buffer, follows: boolean): void {
    const timeMs = this.#nextArrivalMs(follows)
    const before = this.#last
    const fits = (before?.bytes.length ?? 0) + piece.length <= this.#deps.conditions.pieceBytesMax
    if (before?.timeMs === timeMs && !follows && fits) {
      // TCP knows no writes: the end of one and the beginning of the next may come in one piece.
      before.bytes = Buffer.concat([before.bytes, piece])
      return
    }
    const last = { timeMs, bytes: piece }
    this.#last = last
    this.#deps.timeline.at(timeMs, () => {
      if (this.#last === last) this.#last = undefined
      this.#arrive(last.bytes)
    })
  }

  #arrive(piece: Buffer): void {
    if (this.#isAborted) return
    const { cut } = this
    if (cut === undefined || cut.budget.leftBytes <= 0 || cut.budget.leftBytes > piece.length) {
      if (cut !== undefined && cut.budget.leftBytes > 0) cut.budget.leftBytes -= piece.length
      this.#deps.onPiece(piece)
      return
    }
    this.#deps.onPiece(piece.subarray(0, cut.budget.leftBytes))
    cut.budget.leftBytes = 0
    this.abort()
    cut.run()
  }

  #nextArrivalMs(follows: boolean): number {
    const { timeline, random, conditions, direction } = this.#deps
    const { latencyMs, jitterMs, pieceGapMs, blockedUpUntilMs, blockedDownUntilMs } = conditions
    const blockedUntilMs = direction === 'UP' ? blockedUpUntilMs : blockedDownUntilMs
    const leavesMs = Math.max(timeline.nowMs, blockedUntilMs)
    const arrivesMs = leavesMs + latencyMs + (jitterMs > 0 ? random.below(jitterMs + 1) : 0)
    this.#arrivalMs = Math.max(arrivesMs, this.#arrivalMs + (follows ? pieceGapMs : 0))
    return this.#arrivalMs
  }
}
