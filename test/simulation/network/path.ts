import type { EmbeddedBroker } from '@linger/broker'
import type { SimulatedConnection } from './simulated-connection.ts'

/** How bytes travel to one broker and back, and how its sockets behave. Read at each step, so it may change any time. */
export interface PathConditions {
  /** One way. */
  latencyMs: number
  /** At most this much is added to the latency of a piece; the order of a connection's bytes stays. */
  jitterMs: number
  /** Bytes arrive in pieces no larger than this, cut anywhere. */
  pieceBytesMax: number
  /** From one piece to the next. */
  pieceGapMs: number
  /** What leaves before this arrives after it: the network loses it and sends it again. */
  blockedUpUntilMs: number
  blockedDownUntilMs: number
  /** A connection that is asked for: taken, refused, or never answered. */
  connects: 'ACCEPTED' | 'REFUSED' | 'SILENT'
  /** What a socket takes at once; the rest stays in the producer's buffers. */
  writeBytesMax: number
  /** From one such portion to the next. */
  writeGapMs: number
}

/** Plans are written as JSON, which has no Infinity. */
export const UNLIMITED: number = Number.MAX_SAFE_INTEGER

export const UNDISTURBED: Readonly<PathConditions> = {
  latencyMs: 1,
  jitterMs: 0,
  pieceBytesMax: UNLIMITED,
  pieceGapMs: 0,
  blockedUpUntilMs: 0,
  blockedDownUntilMs: 0,
  connects: 'ACCEPTED',
  writeBytesMax: UNLIMITED,
  writeGapMs: 0,
}

/** The way to one broker: its conditions, and the connections there are. */
export class Path {
  /** Undefined where nobody listens. */
  readonly broker: EmbeddedBroker | undefined
  readonly conditions: PathConditions
  readonly connections = new Set<SimulatedConnection>()

  get nodeId(): number {
    return this.broker?.nodeId ?? -1
  }

  constructor(broker: EmbeddedBroker | undefined, conditions: PathConditions) {
    this.broker = broker
    this.conditions = { ...conditions }
  }
}
