import { type Ports, Producer, type ProducerConfig, type ProducerRecord } from '@linger/producer'
import { crc32cImplementation } from '@linger/protocol'
import type { Workload } from '../../workload.ts'
import type { Driver } from '../driver.ts'
import { valuesFor } from '../values.ts'

/** @param ports for who wants to look in */
export function lingerDriver(workload: Workload, ports?: Ports): Promise<Driver> {
  return driverOf(new Producer(configFor(workload), ports), workload)
}

export async function driverOf(producer: Producer, workload: Workload): Promise<Driver> {
  const { topic, transactional } = workload
  const nextValue = valuesFor(workload)
  const recordTo = (partition: number): ProducerRecord =>
    partition < 0 ? { topic, value: nextValue() } : { topic, partition, value: nextValue() }
  await producer.connect()
  if (transactional) await producer.initTransactions()

  return {
    settings: { ...optionsFor(workload), crc32c: crc32cImplementation() },
    produce: (partition, done) => producer.produce(recordTo(partition), done),
    drained: () => producer.drained(),
    send: (partition) => producer.send(recordTo(partition)),
    sendGroup: transactional
      ? (partitions) => producer.transaction((tx) => produceGroup(tx, partitions.map(recordTo)))
      : (partitions) => flushedGroup(producer, partitions.map(recordTo)),
    flush: async () => {
      await producer.flush()
    },
    close: async () => {
      await producer.close()
    },
  }
}

export function configFor(workload: Workload): ProducerConfig {
  return { bootstrapServers: workload.bootstrapServers, clientId: 'bench', ...optionsFor(workload) }
}

/** What an old commit does not know is left out where it is not used: `--against` runs this on both. */
function optionsFor(workload: Workload) {
  const { topic, transactional, compressionType, acks, idempotent, lingerMs, batchSize, bufferMemory } = workload
  return {
    acks,
    enableIdempotence: idempotent,
    lingerMs,
    batchSize,
    bufferMemory,
    ...(compressionType === 'none' ? {} : { compressionType }),
    ...(transactional ? { transactionalId: topic } : {}),
  } as const satisfies Partial<ProducerConfig>
}

type Producing = Pick<Producer, 'produce' | 'drained'>

async function produceGroup(
  producing: Producing,
  records: readonly ProducerRecord[],
  done?: (error: unknown) => void,
): Promise<void> {
  for (const record of records) {
    while (!producing.produce(record, done)) await producing.drained()
  }
}

/** As a transaction is, without one. */
async function flushedGroup(producer: Producer, records: readonly ProducerRecord[]): Promise<void> {
  let failure: unknown
  await produceGroup(producer, records, (error) => {
    failure ??= error
  })
  await producer.flush()
  if (failure !== undefined && failure !== null) throw new Error('a record failed', { cause: failure })
}
