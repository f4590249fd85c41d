import { ErrorCode, type Fault, type RunningCluster, startCluster } from '@linger/broker'
import { Producer, type RecordMetadata } from '@linger/producer'
import { produce, readRecordBatches } from '@linger/protocol'
import { afterEach, describe, expect, test } from 'vitest'

const RECORDS = 200
const PARTITIONS = 3
/** What a leader that was deposed and does not know it can hold up a batch. */
const REQUEST_TIMEOUT_MS = 500

let cluster: RunningCluster | undefined

afterEach(async () => {
  await cluster?.close()
})

async function start(): Promise<RunningCluster> {
  cluster = await startCluster({
    brokers: 3,
    autoCreateTopics: false,
    requestLog: { count: 10_000, bytes: 16 * 1024 * 1024 },
    topics: [
      {
        name: 't',
        partitions: PARTITIONS,
        replicationFactor: 3,
        config: { 'min.insync.replicas': '2' },
      },
    ],
  })
  return cluster
}

/** Sends records one after the other, and does something to the cluster between two of them. */
async function sendThrough(
  running: RunningCluster,
  disturb: (count: number) => void | Promise<void>,
): Promise<RecordMetadata[]> {
  const { bootstrapServers } = running
  const producer = new Producer({ bootstrapServers, retryBackoffMs: 5, requestTimeoutMs: REQUEST_TIMEOUT_MS })
  try {
    const metadata: RecordMetadata[] = []
    for (let count = 0; count < RECORDS; count++) {
      await disturb(count)
      metadata.push(await producer.send({ topic: 't', partition: count % PARTITIONS, value: `v${count}` }))
    }
    return metadata
  } finally {
    await producer.close()
  }
}

function valuesIn(running: RunningCluster, partition: number): string[] {
  const { log } = running.cluster.partition('t', partition)
  const values: string[] = []
  while (values.length < log.endOffset) {
    for (const { records } of readRecordBatches(log.read(values.length, Infinity, true))) {
      values.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()))
    }
  }
  return values
}

function expectAllOnce(running: RunningCluster, metadata: readonly RecordMetadata[]): void {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const sent = Array.from({ length: RECORDS }, (_, count) => count).filter(
      (count) => count % PARTITIONS === partition,
    )
    expect(valuesIn(running, partition)).toEqual(sent.map((count) => `v${count}`))
  }
  for (const [count, { partition, offset }] of metadata.entries()) {
    if (offset !== undefined) expect([partition, offset]).toEqual([count % PARTITIONS, Math.floor(count / PARTITIONS)])
  }
}

describe('a producer loses nothing, doubles nothing and swaps nothing', () => {
  test('while each broker in turn is killed and restarted', async () => {
    const running = await start()
    const metadata = await sendThrough(running, async (count) => {
      const nodeId = 1 + (Math.floor(count / 40) % 3)
      if (count % 40 === 10) running.kill(nodeId)
      if (count % 40 === 30) await running.restart(nodeId)
    })
    expectAllOnce(running, metadata)
  })

  test('while leaders move with every other record', async () => {
    const running = await start()
    const metadata = await sendThrough(running, (count) => {
      if (count % 2 === 1) running.moveLeader('t', count % PARTITIONS, 1 + (count % 3))
    })
    expectAllOnce(running, metadata)
  })

  test('while answers are lost, late, cut or wrong', async () => {
    const running = await start()
    const faults: readonly Fault[] = [
      { kind: 'reset', when: 'before' },
      { kind: 'reset', when: 'after' },
      { kind: 'close', when: 'after' },
      { kind: 'cut', afterBytes: 3 },
      { kind: 'cut', afterBytes: 20 },
      { kind: 'delay', delayMs: 20 },
      { kind: 'error', errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, when: 'after' },
      { kind: 'error', errorCode: ErrorCode.NOT_ENOUGH_REPLICAS },
      { kind: 'error', errorCode: ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, when: 'after' },
      { kind: 'throttle', throttleTimeMs: 10 },
    ]
    const metadata = await sendThrough(running, (count) => {
      const fault = faults[count % faults.length]
      if (fault !== undefined && count % 3 === 0) running.faults.push({ api: 'Produce' }, fault)
    })
    expectAllOnce(running, metadata)
    expect(running.faults).toMatchObject({ isEmpty: true, firedCount: Math.ceil(RECORDS / 3) })
    expect(running.requests.of(produce).length).toBeGreaterThan(RECORDS)
  })

  test('while a broker tells old leaders', async () => {
    const running = await start()
    const metadata = await sendThrough(running, (count) => {
      if (count === 20) running.broker(1).metadata.freeze()
      if (count === 150) running.broker(1).catchUp()
      if (count > 20 && count % 10 === 0) running.moveLeader('t', count % PARTITIONS, 2 + (count % 2))
    })
    expectAllOnce(running, metadata)
  })
})
