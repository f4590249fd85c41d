import type { Socket } from 'node:net'
import { CLEAR, type Flow } from './flow.ts'
import { resetSocket } from './reset-socket.ts'

/** What a proxy may hold of one direction before the sender has to wait, as a real line would make it. */
const QUEUE_BYTES_MAX = 1 << 20

interface Chunk {
  bytes: Buffer
  readonly dueMs: number
  /** Of its bytes so many may still go in pieces. */
  inPiecesBytes: number
}

export interface PipeEnds {
  readonly source: Socket
  readonly target: Socket
  /** From 0 to below 1. */
  readonly random: () => number
  /** The flow touched some bytes. */
  readonly onHit: () => void
  /** The flow wants the whole connection to end. */
  readonly onCut: (by: 'RESET' | 'FIN') => void
}

/**
 * One direction of a connection through the proxy: a queue between two sockets, and a flow that says how it empties.
 *
 * An end of the source travels through the queue as bytes do, so that what was sent before it arrives before it.
 */
export class Pipe {
  readonly #ends: PipeEnds
  readonly #chunks: Chunk[] = []
  #queuedBytes = 0
  #flow: Flow = CLEAR
  /** Of a flow that cuts: how much may pass yet. */
  #untilCutBytes = 0
  #lostBytes = false
  #sourceEnded = false
  #targetIsFull = false
  /** Set while the flow makes us wait. */
  #cancelWait: (() => void) | undefined

  constructor(ends: PipeEnds) {
    this.#ends = ends
    const { source, target } = ends
    source.on('data', (bytes: Buffer) => this.#onBytes(bytes))
    source.on('end', () => this.#onSourceEnd())
    source.on('error', () => this.#onSourceReset())
    source.on('close', () => this.#onSourceEnd())
    target.on('drain', () => {
      this.#targetIsFull = false
      this.#run()
    })
    target.on('close', () => this.#drop())
  }

  /** A direction that lost bytes stays as it is: a stream with a hole in it is none. */
  impose(flow: Flow): void {
    this.#flow = this.#lostBytes ? { name: 'SWALLOWED' } : flow
    if (flow.name === 'CUT') this.#untilCutBytes = flow.afterBytes
    if (flow.name === 'CLEAR' && this.#lostBytes && this.#sourceEnded) resetSocket(this.#ends.target)
    this.#cancelWait?.()
    this.#cancelWait = undefined
    this.#run()
  }

  #onBytes(bytes: Buffer): void {
    const flow = this.#flow
    if (flow.name !== 'CLEAR') this.#ends.onHit()
    if (flow.name === 'SWALLOWED') {
      this.#lostBytes = true
      return
    }
    const latencyMs = flow.name === 'DELAYED' ? flow.latencyMs + this.#ends.random() * flow.jitterMs : 0
    // Jitter never swaps bytes: TCP would put them back in order.
    const dueMs = Math.max(performance.now() + latencyMs, this.#chunks.at(-1)?.dueMs ?? 0)
    this.#chunks.push({ bytes, dueMs, inPiecesBytes: flow.name === 'IN_PIECES' ? flow.upToBytes : 0 })
    this.#queuedBytes += bytes.length
    if (this.#queuedBytes >= QUEUE_BYTES_MAX) this.#ends.source.pause()
    this.#run()
  }

  #onSourceEnd(): void {
    this.#sourceEnded = true
    this.#run()
  }

  /** A reset would overtake what is still in the queue, and what a flow holds back is to arrive. */
  #onSourceReset(): void {
    this.#sourceEnded = true
    if (this.#chunks.length === 0 && this.#flow.name === 'CLEAR') resetSocket(this.#ends.target)
    else this.#run()
  }

  /** Delivers what the flow lets through now, and looks again when more may pass. */
  #run(): void {
    if (this.#cancelWait !== undefined) return
    const { target, source } = this.#ends
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      if (this.#targetIsFull) return
      const waitMs = this.#deliver(chunk)
      if (this.#queuedBytes < QUEUE_BYTES_MAX / 2 && source.isPaused()) source.resume()
      if (waitMs === undefined) continue
      if (waitMs < Infinity) this.#runAfter(waitMs)
      return
    }
    const passesEnd = this.#flow.name !== 'HELD' && this.#flow.name !== 'SWALLOWED'
    if (this.#sourceEnded && passesEnd) target.end()
  }

  /** Delivers of the first chunk what may pass. Answers how long to wait then; undefined: go on. */
  #deliver(chunk: Chunk): number | undefined {
    const flow = this.#flow
    switch (flow.name) {
      case 'CLEAR':
        this.#write(chunk.bytes.length)
        return undefined
      case 'SWALLOWED':
        this.#lostBytes = true
        this.#ends.onHit()
        this.#take(chunk.bytes.length)
        return undefined
      case 'HELD':
        return Infinity
      case 'DELAYED': {
        const waitMs = chunk.dueMs - performance.now()
        if (waitMs > 0) return waitMs
        this.#write(chunk.bytes.length)
        return undefined
      }
      case 'IN_PIECES': {
        if (chunk.inPiecesBytes <= 0) {
          this.#write(chunk.bytes.length)
          return undefined
        }
        const sizeBytes = Math.min(flow.pieceBytes, chunk.bytes.length)
        chunk.inPiecesBytes -= sizeBytes
        this.#write(sizeBytes)
        return flow.pauseMs
      }
      case 'CUT': {
        const sizeBytes = Math.min(this.#untilCutBytes, chunk.bytes.length)
        this.#untilCutBytes -= sizeBytes
        if (sizeBytes > 0) this.#write(sizeBytes)
        if (this.#untilCutBytes > 0) return undefined
        this.#drop()
        this.#ends.onCut(flow.by)
        return Infinity
      }
    }
  }

  /** Hands bytes of the first chunk to the target. */
  #write(sizeBytes: number): void {
    const bytes = this.#take(sizeBytes)
    if (this.#ends.target.writable && !this.#ends.target.write(bytes)) this.#targetIsFull = true
  }

  #take(sizeBytes: number): Buffer {
    const [chunk] = this.#chunks
    if (chunk === undefined) return Buffer.alloc(0)
    const bytes = chunk.bytes.subarray(0, sizeBytes)
    chunk.bytes = chunk.bytes.subarray(sizeBytes)
    if (chunk.bytes.length === 0) this.#chunks.shift()
    this.#queuedBytes -= sizeBytes
    return bytes
  }

  #runAfter(waitMs: number): void {
    const run = (): void => {
      this.#cancelWait = undefined
      this.#run()
    }
    if (waitMs === 0) {
      const immediate = setImmediate(run)
      this.#cancelWait = () => clearImmediate(immediate)
    } else {
      const timer = setTimeout(run, waitMs)
      this.#cancelWait = () => clearTimeout(timer)
    }
  }

  /** The target is gone: there is nobody to deliver to. The source is read all the same, to see its end. */
  #drop(): void {
    this.#cancelWait?.()
    this.#cancelWait = undefined
    this.#chunks.length = 0
    this.#queuedBytes = 0
    this.#ends.source.resume()
  }
}
