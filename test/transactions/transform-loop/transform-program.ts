import { setTimeout as delay } from 'node:timers/promises'
import { KafkaError, Producer, type Transaction } from '@linger/producer'
import { type Input, type InputRecord, readInput } from './read-input.ts'

// What transform-loop.test.ts runs and kills: copies a topic, with what it read and what it wrote in one transaction.
const [bootstrapServers = '', topic = '', output = '', name = '', partitions = ''] = process.argv.slice(2)
const input: Input = { bootstrapServers, topic, groupId: name, partitions: partitions.split(',').map(Number) }
const TRANSACTION_RECORDS = 750
/** What the work on the records of a transaction takes: kills find it half done. */
const WORK_MS = 400

const producer = new Producer({ bootstrapServers, transactionalId: name, lingerMs: 1 })
// Before the first look at the group's offsets: it ends what an earlier process left open, for better or worse.
await producer.initTransactions()
for (let isDone = false; !isDone;) isDone = await transformAll()
await producer.close()

/** @returns false when a transaction was aborted, and reading begins again behind the last one that was committed */
async function transformAll(): Promise<boolean> {
  let taken: InputRecord[] = []
  try {
    for await (const record of readInput(input)) {
      taken.push(record)
      if (taken.length < TRANSACTION_RECORDS) continue
      await commit(taken)
      taken = []
    }
    if (taken.length > 0) await commit(taken)
    return true
  } catch (error) {
    if (!(error instanceof KafkaError) || error.fatal || error.outcome === 'unknown') throw error
    process.stderr.write(`${name}: ${error.code} ${error.message}\n`)
    return false
  }
}

async function commit(records: readonly InputRecord[]): Promise<void> {
  await producer.transaction(async (tx: Transaction) => {
    const half = Math.ceil(records.length / 2)
    await sendAll(tx, records.slice(0, half))
    await delay(WORK_MS)
    await Promise.all([sendAll(tx, records.slice(half)), tx.sendOffsets(nextOffsets(records), { groupId: name })])
  })
  process.stdout.write(`${records.length}\n`)
}

async function sendAll(tx: Transaction, records: readonly InputRecord[]): Promise<void> {
  await tx.sendAll(records.map(({ partition, value }) => ({ topic: output, partition, value })))
}

/** The last record of each partition says where to go on. */
function nextOffsets(records: readonly InputRecord[]): { topic: string; partition: number; offset: number }[] {
  const next = new Map(records.map(({ partition, offset }) => [partition, offset + 1]))
  return [...next].map(([partition, offset]) => ({ topic, partition, offset }))
}
