import { KafkaError, type Producer, type ProducerConfig } from '../../src/index.ts'
import { World, type WorldOptions } from '../world/world.ts'

/** Both protocols: everything but what names one must hold in each. */
export const VERSIONS = [1, 2] as const

export function transactionalWorld(version: 1 | 2, options: WorldOptions = {}): World {
  const world = new World({ topics: [{ name: 't', partitions: 3 }], ...options })
  world.cluster.features.setTransactionVersion(version)
  return world
}

export function transactionalProducer(world: World, config: Partial<ProducerConfig> = {}): Producer {
  return world.producer({ transactionalId: 'tx', ...config })
}

/** What a reader of committed records sees, judged by the markers in the log. */
export function committedValues(world: World, topic: string, partition: number = 0): string[] {
  const open = new Map<bigint, { readonly offset: bigint; readonly value: string }[]>()
  const visible: { readonly offset: bigint; readonly value: string }[] = []
  for (const batch of world.batchesIn(topic, partition)) {
    const records = batch.records.map((record, index) => ({
      offset: batch.baseOffset + BigInt(index),
      value: Buffer.from(record.value ?? []).toString(),
    }))
    if (!batch.isTransactional) visible.push(...records)
    else if (!batch.isControl) open.set(batch.producerId, [...(open.get(batch.producerId) ?? []), ...records])
    else {
      const isCommit = Buffer.from(batch.records[0]?.key ?? []).readInt16BE(2) === 1
      if (isCommit) visible.push(...(open.get(batch.producerId) ?? []))
      open.delete(batch.producerId)
    }
  }
  return visible.toSorted((a, b) => Number(a.offset - b.offset)).map(({ value }) => value)
}

/** How often an API was asked so far. */
export function requestsOf(world: World, name: string): number {
  return world.wire.requests.filter(({ apiName }) => apiName === name).length
}

/** The message of the error with which a configuration is refused. */
export function invalidConfigOf(config: Partial<ProducerConfig>): string {
  try {
    new World().producer(config)
  } catch (error) {
    if (error instanceof KafkaError && error.code === 'INVALID_CONFIG') return error.message
    throw error
  }
  throw new Error('it was expected to be refused')
}
