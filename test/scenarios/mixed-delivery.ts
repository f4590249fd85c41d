import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type KafkaError,
  type Ports,
  Producer,
  type ProducerConfig,
  type ProducerRecord,
  type RecordMetadata,
} from '@linger/producer'
import { createTopic, deleteTopic, partitionEnds } from '../../demo/topic.ts'
import { readBack } from '../read-back/read-back.ts'
import { noAnomalies } from '../delivery-checker/anomaly.ts'
import { DeliveryChecker, type DeliveryReport } from '../delivery-checker/delivery-checker.ts'
import { promiseOf } from '../delivery-checker/delivery-promise.ts'
import { ProducerHistory } from '../delivery-checker/producer-history.ts'
import { indexOf, MixedRecords } from './mixed-records.ts'

export interface MixedDelivery {
  readonly bootstrapServers: string
  readonly recordCount: number
  readonly partitionCount: number
  /** Default: 1. */
  readonly seed?: number
  /** How the records are handed over. Default: produce. */
  readonly through?: keyof typeof WAYS
  readonly config?: Omit<ProducerConfig, 'bootstrapServers'>
  /** Default: the producer's own. */
  readonly ports?: Ports
}

interface Sending {
  readonly producer: Producer
  readonly count: number
  readonly recordAt: (index: number) => ProducerRecord
  readonly history: ProducerHistory
}

/** Promises that `send` may have open at once. */
const SENDS_AT_ONCE = 5_000
const WRITTEN_TIMEOUT_MS = 10_000

const WAYS = { produce: produceAll, send: sendEach, sendAll } as const

/**
 * Sends mixed records to a topic of their own, reads the topic back with Kafka's Java consumer, and compares every
 * record with what was sent and acknowledged.
 */
export async function deliverMixedRecords(delivery: MixedDelivery): Promise<DeliveryReport> {
  const { bootstrapServers, recordCount, partitionCount, seed = 1, through = 'produce', config, ports } = delivery
  const topic = `mixed-${randomUUID()}`
  const records = new MixedRecords(seed, partitionCount)
  const history = new ProducerHistory()
  await createTopic(bootstrapServers, topic, partitionCount)
  try {
    await using producer = new Producer({ bootstrapServers, ...config }, ports)
    const recordAt = (index: number): ProducerRecord => ({ topic, ...records.record(index) })
    await WAYS[through]({ producer, count: recordCount, recordAt, history })
    if (config?.acks === 0) await untilWritten(bootstrapServers, topic, recordCount)
    return await checkMixedRecords({ bootstrapServers, topic, records, history, config })
  } finally {
    await deleteTopic(bootstrapServers, topic)
  }
}

/** Reads the topic and compares it with what one producer was given, and said of it. */
export async function checkMixedRecords(options: {
  readonly bootstrapServers: string
  readonly topic: string
  readonly records: MixedRecords
  readonly history: ProducerHistory
  readonly config: MixedDelivery['config']
}): Promise<DeliveryReport> {
  const { bootstrapServers, topic, records, history, config: { acks = 'all', enableIdempotence = true } = {} } = options
  const promise = promiseOf(acks, enableIdempotence && (acks === 'all' || acks === -1))
  const recordAt = (n: number): ReturnType<MixedRecords['record']> & { topic: string } => ({
    topic,
    ...records.record(n),
  })
  const checker = new DeliveryChecker([{ history, promise, recordAt }], (record) => {
    const n = indexOf(record)
    return n === undefined ? undefined : { producer: 0, n }
  })
  for await (const record of readBack({ bootstrapServers, topics: [topic] })) checker.read(record)
  return checker.report()
}

/** With acks 0 nobody says when the records are in the log, and what is read must not stop short of them. */
async function untilWritten(bootstrapServers: string, topic: string, recordCount: number): Promise<void> {
  const deadlineMs = performance.now() + WRITTEN_TIMEOUT_MS
  for (;;) {
    const ends = await partitionEnds(bootstrapServers, topic)
    const writtenCount = ends.reduce((sum, { offset }) => sum + offset, 0)
    if (writtenCount >= recordCount || performance.now() > deadlineMs) return
    await delay(50)
  }
}

/** The report of a run in which nothing is wrong. */
export function faultless(recordCount: number): DeliveryReport {
  return {
    sent: recordCount,
    acked: recordCount,
    never: 0,
    unknown: 0,
    verified: recordCount,
    withoutOffset: 0,
    anomalies: noAnomalies(),
    permitted: noAnomalies(),
    examples: [],
  }
}

async function produceAll({ producer, count, recordAt, history }: Sending): Promise<void> {
  const failures: KafkaError[] = []
  for (let index = 0; index < count; index++) {
    const record = recordAt(index)
    history.sent(index)
    const callback = (error: KafkaError | null, metadata?: RecordMetadata): void => {
      if (metadata !== undefined) history.acked(index, metadata)
      else if (error !== null) failures.push(error)
    }
    while (!producer.produce(record, callback)) await producer.drained()
  }
  await producer.flush()
  if (failures.length > 0) throw new Error(`${failures.length} of ${count} records failed`, { cause: failures[0] })
}

async function sendEach({ producer, count, recordAt, history }: Sending): Promise<void> {
  for (let from = 0; from < count; from += SENDS_AT_ONCE) {
    const sends: Promise<void>[] = []
    for (let index = from; index < Math.min(from + SENDS_AT_ONCE, count); index++) {
      history.sent(index)
      sends.push(producer.send(recordAt(index)).then((metadata) => history.acked(index, metadata)))
    }
    await Promise.all(sends)
  }
}

async function sendAll({ producer, count, recordAt, history }: Sending): Promise<void> {
  const records = function* (): Generator<ProducerRecord> {
    for (let index = 0; index < count; index++) {
      history.sent(index)
      yield recordAt(index)
    }
  }
  for (const [index, metadata] of (await producer.sendAll(records())).entries()) history.acked(index, metadata)
}
