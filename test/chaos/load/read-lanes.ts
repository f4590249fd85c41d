import { setTimeout as delay } from 'node:timers/promises'
import { readBack } from '../../read-back/read-back.ts'
import type { Lane, LeaderChange } from './lane.ts'
import type { LaneReport } from './load-messages.ts'

/** With acks 0 nobody says when the last records are in the log. */
const ARRIVAL_MS = 2_000

/** Reads the logs of these lanes with Java's consumer, all in one go, and compares them with what was sent. */
export async function readLanes(
  lanes: readonly Lane[],
  bootstrapServers: string,
  leaderChanges: readonly LeaderChange[],
): Promise<LaneReport[]> {
  await delay(ARRIVAL_MS)
  const checked = lanes.map((lane) => ({ lane, checker: lane.checker(leaderChanges) }))
  const checkers = new Map(checked.flatMap(({ lane, checker }) => lane.topics.map((topic) => [topic, checker])))
  for await (const record of readBack({ bootstrapServers, topics: [...checkers.keys()] })) {
    checkers.get(record.topic)?.read(record)
  }
  return checked.map(({ lane, checker }) => ({ lane: lane.name, report: checker.report() }))
}
