import type { DeliveryReport } from '../../delivery-checker/delivery-checker.ts'
import type { TransactionReport } from '../../delivery-checker/transaction-checker.ts'
import type { LaneCounts, LeaderChange } from './load-lane.ts'

/** What the process of the load is told. It answers each with its number. */
export type LoadCommand = { readonly number: number } & (
  | {
      readonly name: 'start'
      readonly bootstrapServers: string
      readonly directServers: string
      readonly runId: number
      readonly recordCount: number
      readonly seconds: number
    }
  /** Blocks its event loop. */
  | { readonly name: 'stall'; readonly ms: number }
  /** Settles one lane and checks its log, which is about to be deleted, while the others go on. */
  | { readonly name: 'endLife'; readonly lane: string }
  /** The lane goes on, in a log that is empty. */
  | { readonly name: 'newLife'; readonly lane: string }
  | { readonly name: 'counts' }
  /** Sends the rest, settles all, and closes the producers. */
  | { readonly name: 'finish' }
  /** Reads all logs and compares. The reports of lives that ended before are among those it answers. */
  | { readonly name: 'check'; readonly leaderChanges: readonly LeaderChange[] }
  /** Lets go of its channel: with nothing else left open it ends. */
  | { readonly name: 'leave' }
)

export type LoadCounts = Readonly<Record<string, LaneCounts>>

export interface LaneReport {
  readonly lane: string
  readonly report: DeliveryReport
  /** Of a lane of transactions. */
  readonly transactions?: TransactionReport
}

export type LoadAnswer = { readonly number: number } & (
  | { readonly name: 'done' }
  | { readonly name: 'failed'; readonly reason: string }
  | { readonly name: 'counts'; readonly counts: LoadCounts }
  | { readonly name: 'reports'; readonly reports: readonly LaneReport[] }
)

/** Both ends are of one commit: what has a name and a number is ours. */
export function isLoadCommand(message: unknown): message is LoadCommand {
  return isMessage(message)
}

export function isLoadAnswer(message: unknown): message is LoadAnswer {
  return isMessage(message)
}

function isMessage(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'name' in message && 'number' in message
}
