import { BufferMemory } from '../../../packages/producer/src/accumulate/buffer-memory.ts'
import { type ProducerProcess, runningProcess } from '../producer-process.ts'

/** What was there before a buffer went back: whoever still reads it, reads this. */
const POISON = 0xdd

/**
 * Follows every batch buffer of every producer, by the hands it goes through and not by the producer's own count: never
 * more than the cap, poisoned when it is given back, and all given back in the end.
 */
export class MemoryOracle {
  readonly #violate: (what: string) => void
  readonly #held = new Map<BufferMemory, Set<Buffer>>()
  readonly #processes = new Map<BufferMemory, ProducerProcess | undefined>()

  constructor(violate: (what: string) => void) {
    this.#violate = violate
  }

  /** @param limitBytes the cap, or somewhat more for a batch that goes in pieces */
  onTaken(memory: BufferMemory, buffer: Buffer, limitBytes: number): void {
    const held = this.#held.get(memory) ?? new Set()
    this.#held.set(memory, held)
    if (!this.#processes.has(memory)) this.#processes.set(memory, runningProcess())
    if (held.has(buffer)) return
    held.add(buffer)
    let sumBytes = 0
    for (const { length } of held) sumBytes += length
    if (sumBytes > limitBytes) this.#violate(`${sumBytes} bytes of buffers, bufferMemory is ${memory.limitBytes}`)
  }

  /** What is pooled is held too. */
  onPooled({ takenBytes, pooledBytes, limitBytes }: BufferMemory): void {
    if (pooledBytes > 0 && takenBytes + pooledBytes > limitBytes)
      this.#violate(`${takenBytes} bytes and ${pooledBytes} in the pool, bufferMemory is ${limitBytes}`)
  }

  onReturned(memory: BufferMemory, buffer: Buffer): void {
    const held = this.#held.get(memory)
    if (held?.delete(buffer) !== true) this.#violate('a buffer is given back twice')
    buffer.fill(POISON)
  }

  /** Every producer is closed, and no socket is left. What a dead process held is not its any more. */
  finish(): void {
    for (const [memory, held] of this.#held) {
      if (this.#processes.get(memory)?.isDead === true) continue
      if (held.size > 0) this.#violate(`${held.size} buffers were never given back`)
      if (memory.takenBytes !== 0) this.#violate(`${memory.takenBytes} bytes of bufferMemory were never given back`)
    }
  }
}

let current: MemoryOracle | undefined

/** The oracle that hears of buffers from now on: producers of this thread have one at a time. */
export function watchMemory(oracle: MemoryOracle | undefined): void {
  current = oracle
}

const { takeBuffer, takeBufferAnyway, returnBuffer } = BufferMemory.prototype

BufferMemory.prototype.takeBuffer = function (sizeBytes) {
  const buffer = takeBuffer.call(this, sizeBytes)
  if (buffer !== undefined) current?.onTaken(this, buffer, this.limitBytes)
  return buffer
}

BufferMemory.prototype.takeBufferAnyway = function (sizeBytes) {
  const buffer = takeBufferAnyway.call(this, sizeBytes)
  // The batch and its pieces, whose buffers may be up to twice as large as what is in them.
  current?.onTaken(this, buffer, 3 * this.limitBytes)
  return buffer
}

BufferMemory.prototype.returnBuffer = function (buffer) {
  current?.onReturned(this, buffer)
  returnBuffer.call(this, buffer)
  current?.onPooled(this)
}
