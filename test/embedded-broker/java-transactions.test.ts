import { type RunningCluster, startCluster } from '@linger/broker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasJava } from '../conformance/java-presence.ts'
import { readBackAll } from '../read-back/read-back.ts'
import { JavaProducer } from '../transactions/java-producer.ts'
import { hasKcat, runKcat } from './run-kcat.ts'

const TRANSACTIONAL_ID = 'java-tx'
const END_TXN_KEY = 26
const TIMEOUT_MS = 60_000

describe.skipIf(!hasJava).each([1, 2] as const)(
  'Kafka’s own clients and a cluster of embedded brokers at transaction.version %i',
  (transactionVersion) => {
    let cluster: RunningCluster
    let producer: JavaProducer

    beforeAll(async () => {
      cluster = await startCluster({
        transactionVersion,
        transactionMarkerDelayMs: 5,
        topics: [{ name: 't', partitions: 2, replicationFactor: 3 }],
        requestLog: { count: 1000 },
      })
      producer = await begun()
    })

    afterAll(async () => {
      await producer.stop()
      await cluster.close()
    })

    const begun = async (): Promise<JavaProducer> => {
      const started = await JavaProducer.start(cluster.bootstrapServers)
      await started.renew(TRANSACTIONAL_ID, TIMEOUT_MS)
      await started.tell('init')
      return started
    }
    const transaction = async (end: 'commit' | 'abort' | undefined, ...commands: readonly string[]): Promise<void> => {
      for (const command of ['begin', ...commands, ...(end === undefined ? [] : [end])]) await producer.tell(command)
    }
    const values = async (isolationLevel: 'read_committed' | 'read_uncommitted'): Promise<string[]> => {
      const { bootstrapServers } = cluster
      const records = await readBackAll({ bootstrapServers, topics: ['t'], isolationLevel })
      return records.map(({ value }) => Buffer.from(value ?? '').toString()).toSorted((a, b) => a.localeCompare(b))
    }

    test('the producer’s transactions are seen as they ended, and the open one by nobody who asks for that', async () => {
      await transaction('commit', 'send t 0 a1', 'send t 1 a2')
      await transaction('abort', 'send t 0 b1', 'send t 1 b2')
      await transaction('commit', 'send t 0 c1')
      await transaction('abort', 'send t 0 d1', 'send t 0 d2')
      await transaction(undefined, 'send t 0 e1', 'send t 1 e2')
      expect(await values('read_committed')).toEqual(['a1', 'a2', 'c1'])
      expect(await values('read_uncommitted')).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'd1', 'd2', 'e1', 'e2'])
      await producer.tell('commit')
      expect(await values('read_committed')).toEqual(['a1', 'a2', 'c1', 'e1', 'e2'])
    })

    test.skipIf(!hasKcat)('librdkafka sees the same', async () => {
      const read = async (level: string): Promise<string[]> => {
        const args = ['-C', '-t', 't', '-o', 'beginning', '-e', '-q', '-X', `isolation.level=${level}`]
        const output = await runKcat(['-b', cluster.bootstrapServers, ...args], '')
        return output
          .trimEnd()
          .split('\n')
          .toSorted((one, other) => one.localeCompare(other))
      }
      expect(await read('read_committed')).toEqual(['a1', 'a2', 'c1', 'e1', 'e2'])
      expect(await read('read_uncommitted')).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'd1', 'd2', 'e1', 'e2'])
    })

    test('offsets are committed with their transaction, and dropped with it', async () => {
      // The markers come a moment after the answer.
      const isDecided = (): boolean => cluster.cluster.transactions.get(TRANSACTIONAL_ID)?.metadata.isPrepared === false
      const committed = async (): Promise<bigint[]> => {
        await expect.poll(isDecided).toBe(true)
        return cluster.cluster.consumerOffsets.committed('g').map(({ offset }) => offset)
      }
      await transaction('commit', 'offsets t 0 5 g', 'send t 0 f1')
      expect(await committed()).toEqual([5n])
      await transaction('abort', 'offsets t 0 7 g')
      expect(await committed()).toEqual([5n])
      await transaction('commit', 'offsets t 0 9 g')
      expect(await committed()).toEqual([9n])
    })

    test('the producer speaks the protocol that the cluster has agreed on', () => {
      const ends = cluster.requests.entries.filter(({ apiKey }) => apiKey === END_TXN_KEY)
      expect(new Set(ends.map(({ apiVersion }) => apiVersion))).toEqual(new Set([transactionVersion === 2 ? 5 : 4]))
    })

    test('the producer goes on when its coordinator moves, or is killed', async () => {
      const coordinatorId = (): number => cluster.cluster.coordinatorFor(TRANSACTIONAL_ID)?.nodeId ?? -1
      await transaction(undefined, 'send t 0 g1')
      cluster.moveCoordinator(TRANSACTIONAL_ID, (coordinatorId() % 3) + 1, { loadingForMs: 50 })
      await producer.tell('send t 1 g2')
      await producer.tell('commit')
      await transaction(undefined, 'send t 0 h1')
      cluster.kill(coordinatorId())
      await producer.tell('send t 1 h2')
      await producer.tell('commit')
      expect(await values('read_committed')).toEqual(expect.arrayContaining(['g1', 'g2', 'h1', 'h2']))
    })

    test('a producer with the same id fences it', async () => {
      await transaction(undefined, 'send t 0 i1')
      const other = await begun()
      try {
        await expect(producer.tell('commit')).rejects.toThrow(/Fenced|InvalidProducerEpoch/)
        expect(await values('read_committed')).not.toContain('i1')
      } finally {
        await other.stop()
      }
    })
  },
)
