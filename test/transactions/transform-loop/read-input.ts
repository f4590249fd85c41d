import { setTimeout as delay } from 'node:timers/promises'
import { readLog } from '../../../demo/read-log.ts'
import { partitionEnds, type PartitionEnd } from '../../../demo/topic.ts'
import { committedOffsets } from './committed-offsets.ts'

export interface InputRecord {
  readonly partition: number
  readonly offset: number
  readonly value: string
}

export interface Input {
  readonly bootstrapServers: string
  readonly topic: string
  readonly groupId: string
  readonly partitions: readonly number[]
}

const PAUSE_MS = 100

/** From where the group's last committed transaction ended to the present end, whichever brokers die meanwhile. */
export async function* readInput(input: Input): AsyncGenerator<InputRecord> {
  const positions = await untilDone(async (server) =>
    committedOffsets(server, input.groupId, input.topic, input.partitions),
  )
  const ends = async (): Promise<PartitionEnd[]> => {
    const all = await partitionEnds(input.bootstrapServers, input.topic)
    return all.filter(({ partition }) => input.partitions.includes(partition))
  }

  for (;;) {
    const unread = (await untilDone(ends)).filter(({ partition, offset }) => (positions.get(partition) ?? 0) < offset)
    if (unread.length === 0) return
    const starts = unread.map((end) => ({ ...end, offset: positions.get(end.partition) ?? 0 }))
    try {
      for await (const { partition, records } of readLog(input.topic, starts, unread)) {
        for (const { offset, value } of records) {
          const record = { partition, offset: Number(offset), value: Buffer.from(value ?? []).toString() }
          positions.set(partition, record.offset + 1)
          yield record
        }
      }
    } catch {
      await delay(PAUSE_MS) // a leader is gone: ask who leads now, and go on where we were
    }
  }

  /** Asks one broker after the other until one answers. */
  async function untilDone<T>(ask: (server: string) => Promise<T>): Promise<T> {
    const servers = input.bootstrapServers.split(',')
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask(servers[attempt % servers.length] ?? '')
      } catch {
        await delay(PAUSE_MS)
      }
    }
  }
}
