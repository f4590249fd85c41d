import type { DeliveryChecker } from '../../delivery-checker/delivery-checker.ts'
import type { Pace } from './pace.ts'
import type { StallWatch } from './stall-watch.ts'

export interface LaneCounts {
  readonly sent: number
  readonly acked: number
  readonly failed: number
}

export interface LaneWorld {
  /** Where producers find the cluster. */
  readonly bootstrapServers: string
  readonly runId: number
  readonly pace: Pace
  readonly stalls: StallWatch
}

/** A partition that had several leaders: there acks 1 may lose records, and does not promise otherwise. */
export interface LeaderChange {
  readonly topic: string
  readonly partition: number
}

/** The producers of one lane: feeds them at the pace of the run, keeps what they say, and checks it. */
export interface LoadLane {
  readonly name: string
  readonly topics: readonly string[]
  readonly counts: LaneCounts
  start(): void
  /** Sends what the pace of the run still asks for, and waits until every record is settled. */
  finish(): Promise<void>
  close(): Promise<void>
  /** For the log of this life, when everything is settled. */
  checker(leaderChanges: readonly LeaderChange[]): DeliveryChecker
}
