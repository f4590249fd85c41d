import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, test, vi } from 'vitest'
import { writeKnownRecords } from '../read-back/known-records.ts'
import { readBackAll } from '../read-back/read-back.ts'
import { aliveBrokers } from './broker-probe.ts'
import { javaProgram } from './java.ts'
import { startCluster } from './maven-kafka.ts'
import { runCommand } from './run-command.ts'
import { startKafka } from './start-kafka.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('LINGER_BOOTSTRAP_SERVERS', () => {
  test('with no broker behind it is an error that says so', async () => {
    vi.stubEnv('LINGER_BOOTSTRAP_SERVERS', '127.0.0.1:1,127.0.0.1:2')
    await expect(startKafka()).rejects.toThrow(
      /LINGER_BOOTSTRAP_SERVERS=127.0.0.1:1,127.0.0.1:2: no broker answers .*127.0.0.1:1.*ECONNREFUSED.*127.0.0.1:2/su,
    )
  })

  test('with something else than host:port is an error that says so', async () => {
    vi.stubEnv('LINGER_BOOTSTRAP_SERVERS', 'localhost')
    await expect(startKafka()).rejects.toThrow('LINGER_BOOTSTRAP_SERVERS=localhost: no broker answers')
  })

  test.skipIf(inject('kafka') === null)('with a broker behind it gives that broker and its release', async () => {
    const { bootstrapServers, version } = inject('kafka') ?? { bootstrapServers: '', version: '' }
    vi.stubEnv('LINGER_BOOTSTRAP_SERVERS', bootstrapServers)
    const kafka = await startKafka()
    expect(kafka).toMatchObject({ bootstrapServers, provider: 'environment' })
    expect(version.startsWith(kafka.version)).toBe(true)

    await kafka.stop()
    expect(await aliveBrokers(bootstrapServers.split(',')[0] ?? '', 2_000)).toBeGreaterThan(0)
  })
})

// Only where Kafka came from Maven do we know that there is a Java to be found, or not.
describe.skipIf(inject('kafka')?.provider !== 'maven')('a machine without the tools', () => {
  test('is told that Maven is missing, when Kafka is not cached', async () => {
    const programs = await mkdtemp(join(tmpdir(), 'linger-programs-'))
    await symlink(await pathOf(javaProgram('java')), join(programs, 'java'))
    await withEmptyCache(async () => {
      vi.stubEnv('JAVA_HOME', '')
      vi.stubEnv('PATH', programs)
      await expect(startKafka({ provider: 'maven' })).rejects.toThrow(/no Kafka to test with.*Maven is needed/su)
    })
    await rm(programs, { recursive: true })
  })

  test('is told that Java is missing, whether Kafka is cached or not', async () => {
    vi.stubEnv('JAVA_HOME', '/nowhere')
    const isRejected = async (): Promise<void> => {
      await expect(startKafka({ provider: 'maven' })).rejects.toThrow(/no Kafka to test with.*JDK .* is needed/su)
      await expect(startKafka({ provider: 'maven', version: '2.8.2' })).rejects.toThrow(/JDK .* is needed/su)
    }
    await isRejected()
    await withEmptyCache(isRejected)
  })
})

async function withEmptyCache(run: () => Promise<void>): Promise<void> {
  const cache = await mkdtemp(join(tmpdir(), 'linger-cache-'))
  vi.stubEnv('XDG_CACHE_HOME', cache)
  await run()
  await rm(cache, { recursive: true })
}

async function pathOf(program: string): Promise<string> {
  return (await runCommand('sh', ['-c', `command -v ${program}`], 'a shell is needed')).trim()
}

// Only where Kafka came from Maven do we know that a local JVM can run.
describe.skipIf(inject('kafka')?.provider !== 'maven')('Kafka from Maven Central', () => {
  test.each(['2.8.2', '3.9.2', '4.0.2', '4.3.1'])(
    '%s takes a Java client’s records and gives them back',
    async (version) => {
      const kafka = await startKafka({ version, provider: 'maven' })
      try {
        expect(kafka.version).toBe(version)
        await writeKnownRecords(kafka.bootstrapServers, 'known')
        expect(await readBackAll({ ...kafka, topics: ['known'] })).toHaveLength(6)
      } finally {
        await kafka.stop()
      }
      await expect(aliveBrokers(kafka.bootstrapServers, 2_000)).rejects.toThrow('ECONNREFUSED')
    },
  )

  test('a version that was never released is an error that names it', async () => {
    await expect(startKafka({ version: '0.0.99', provider: 'maven' })).rejects.toThrow(
      /Kafka 0\.0\.99 could not be downloaded from Maven Central/u,
    )
  })

  test('a property that Kafka refuses shows Kafka’s own words', async () => {
    const refused = startKafka({ provider: 'maven', properties: { 'num.network.threads': 'many' } })
    await expect(refused).rejects.toThrow(/num\.network\.threads/u)
  })

  test('a cluster of three loses a broker and gets it back', async () => {
    const cluster = await startCluster({ brokerCount: 3, heapMb: 256 })
    try {
      const [first, second] = cluster.brokers
      if (first === undefined || second === undefined) throw new Error('the cluster has no two brokers')
      await first.end('SIGKILL')
      await vi.waitFor(async () => expect(await aliveBrokers(second.address, 2_000)).toBe(2), { timeout: 30_000 })
      await first.start()
      await first.untilAlive(3)
      await writeKnownRecords(cluster.bootstrapServers, 'known')
      expect(await readBackAll({ ...cluster, topics: ['known'] })).toHaveLength(6)
    } finally {
      await cluster.stop()
    }
  })
})
