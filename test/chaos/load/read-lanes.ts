import { setTimeout as delay } from 'node:timers/promises'
import type { TransactionReport } from '../../delivery-checker/transaction-checker.ts'
import { readBack } from '../../read-back/read-back.ts'
import { TransactionWitness } from '../../read-back/transaction-witness.ts'
import type { LaneReport } from './load-messages.ts'
import type { LeaderChange, LoadLane } from './load-lane.ts'
import { TransactionalLane } from './transactional-lane.ts'

/** With acks 0 nobody says when the last records are in the log. */
const ARRIVAL_MS = 2_000

/** Reads the logs of these lanes with Java's consumer, all in one go, and compares them with what was sent. */
export async function readLanes(
  lanes: readonly LoadLane[],
  bootstrapServers: string,
  leaderChanges: readonly LeaderChange[],
): Promise<LaneReport[]> {
  await delay(ARRIVAL_MS)
  const checked = lanes.map((lane) => ({ lane, checker: lane.checker(leaderChanges) }))
  const checkers = new Map(checked.flatMap(({ lane, checker }) => lane.topics.map((topic) => [topic, checker])))
  for await (const record of readBack({ bootstrapServers, topics: [...checkers.keys()] })) {
    checkers.get(record.topic)?.read(record)
  }
  const reports: LaneReport[] = []
  for (const { lane, checker } of checked) {
    const transactions = lane instanceof TransactionalLane ? await readCommitted(lane, bootstrapServers) : undefined
    reports.push({ lane: lane.name, report: checker.report(), ...(transactions === undefined ? {} : { transactions }) })
  }
  return reports
}

/** What readers of committed records see, where they stop, and where the consumer group stands. */
async function readCommitted(lane: TransactionalLane, bootstrapServers: string): Promise<TransactionReport> {
  const { topics, groupId } = lane
  const { checker, read } = lane.transactionChecker()
  for await (const record of readBack({ bootstrapServers, topics, isolationLevel: 'read_committed' })) read(record)
  const witness = await TransactionWitness.start(bootstrapServers)
  try {
    for (const topic of topics) {
      for (const [partition, { lastStableOffset, highWatermark }] of (await witness.endsOf(topic)).entries()) {
        if (lastStableOffset < highWatermark) checker.hangs(`${topic}-${partition}@${lastStableOffset}`)
      }
    }
    checker.offsets((await witness.committedOffsets(groupId)).map((committed) => ({ groupId, ...committed })))
  } finally {
    await witness.stop()
  }
  return checker.report()
}
