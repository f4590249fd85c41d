import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { KafkaError, Producer, type ProducerConfig, serializers } from '../../src/index.ts'
import { configFromProperties, type Properties } from '../../src/properties/config-from-properties.ts'
import { kafkaRules } from '../../src/properties/kafka-rules.ts'
import { librdkafkaRules } from '../../src/properties/librdkafka-rules.ts'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { unchecked } from '../world/unchecked.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const KEY = '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----'

interface Read {
  readonly config: ProducerConfig
  readonly warnings: readonly string[]
}

function read(properties: Properties, more: Partial<ProducerConfig> = {}): Read {
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const logger = { debug: warn, info: warn, warn, error: warn }
  const { logger: _, ...config } = configFromProperties(properties, { ...more, logger })
  return { config: unchecked(config), warnings }
}

function refusalOf(properties: Properties, more: Partial<ProducerConfig> = {}): string {
  try {
    read(properties, more)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    expect(error).toMatchObject({ code: 'INVALID_CONFIG', outcome: 'never' })
    return error.message
  }
  throw new Error('it was expected to be refused')
}

describe('the table of properties', () => {
  const listed = (name: string): string[] =>
    readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8')
      .trimEnd()
      .split('\n')

  test('has every property of Java, and no other', () => {
    expect(Object.keys(kafkaRules).toSorted()).toEqual(listed('java-4.3.1').toSorted())
  })

  test('has every property of librdkafka that Java does not have, and no other', () => {
    const java = new Set(listed('java-4.3.1'))
    const others = listed('librdkafka-2.15.1').filter((name) => !java.has(name))
    expect(Object.keys(librdkafkaRules).toSorted()).toEqual(others.toSorted())
  })
})

describe('fromProperties', () => {
  test('says where an encoder of metrics is to be given, unless it is', () => {
    const properties = { 'bootstrap.servers': 'localhost:1', 'enable.metrics.push': true }
    expect(read(properties).warnings).toEqual([expect.stringContaining('telemetry: otlpTelemetry()')])
    expect(read({ ...properties, 'enable.metrics.push': false }).warnings).toEqual([])
    const telemetry = { encode: () => new Uint8Array() }
    expect(read(properties, { telemetry })).toMatchObject({ config: { telemetry }, warnings: [] })
  })

  test('makes a producer of what a Java producer is configured with', async () => {
    const producer = Producer.fromProperties({ 'bootstrap.servers': 'localhost:1', 'linger.ms': 20, acks: 'all' })
    expect(producer).toBeInstanceOf(Producer)
    await producer.close()
  })

  test('reads the content of a file, with comments, continued lines and escapes', () => {
    const { config, warnings } = read(String.raw`
# the cluster
bootstrap.servers = a:9092,\
                    b:9092
client.id: \u006frders
! how it sends
acks all
linger.ms=20
key.serializer=org.apache.kafka.common.serialization.StringSerializer
value.serializer=org.apache.kafka.common.serialization.LongSerializer
`)
    expect(warnings).toEqual([])
    expect(config).toEqual({
      bootstrapServers: 'a:9092,b:9092',
      clientId: 'orders',
      acks: 'all',
      lingerMs: 20,
      valueSerializer: serializers.int64,
    })
  })

  test('gives what resolveConfig takes, for every property that is used', () => {
    const { config } = read({
      'bootstrap.servers': 'a:9092',
      acks: '-1',
      'batch.size': '65536',
      'buffer.memory': 67108864,
      'compression.type': 'zstd',
      'compression.zstd.level': '5',
      'connections.max.idle.ms': '0',
      'enable.idempotence': 'TRUE',
      'max.block.ms': '9223372036854775807',
      'max.in.flight.requests.per.connection': '5',
      'partitioner.class': 'org.apache.kafka.clients.producer.RoundRobinPartitioner',
      'metadata.recovery.strategy': 'NONE',
    })
    expect(resolveConfig(config)).toMatchObject({
      acks: -1,
      batchSize: 65_536,
      bufferMemory: 67_108_864,
      compressionType: 'zstd',
      compressionZstdLevel: 5,
      connectionsMaxIdleMs: -1,
      enableIdempotence: true,
      maxBlockMs: 2_147_483_647,
      partitioner: 'round-robin',
      metadataRecoveryStrategy: 'none',
    })
  })

  test("reads librdkafka's names, and says that its partitioner would be another", () => {
    const librdkafka = {
      'metadata.broker.list': 'a:9092',
      'queue.buffering.max.ms': 5,
      'queue.buffering.max.kbytes': 1024,
      'message.timeout.ms': 0,
      'max.in.flight': 1_000_000,
      'request.required.acks': -1,
      'compression.codec': 'gzip',
      'compression.level': 9,
      'statistics.interval.ms': 5_000,
    }
    const { config, warnings } = read(librdkafka)
    expect(config).toEqual({
      bootstrapServers: 'a:9092',
      lingerMs: 5,
      bufferMemory: 1_048_576,
      deliveryTimeoutMs: 2_147_483_647,
      maxInFlightRequestsPerConnection: 5,
      acks: -1,
      compressionType: 'gzip',
      compressionGzipLevel: 9,
      statisticsIntervalMs: 5_000,
    })
    expect(warnings).toEqual([
      expect.stringContaining('max.in.flight 1000000 becomes 5'),
      expect.stringContaining('partitioner=consistent_random'),
    ])
    const kept = read({ ...librdkafka, 'max.in.flight': 5, partitioner: 'consistent_random' })
    expect([kept.config.partitioner, kept.warnings]).toEqual(['consistent-random', []])
    expect(read({ ...librdkafka, 'max.in.flight': 5 }, { partitioner: 'default' }).warnings).toEqual([])
  })

  test('takes Java’s name where two say the same, and says so', () => {
    const { config, warnings } = read({ partitioner: 'random', 'queue.buffering.max.ms': 50, 'linger.ms': 5 })
    expect(config.lingerMs).toBe(5)
    expect(warnings).toEqual([
      expect.stringContaining('queue.buffering.max.ms is passed over: linger.ms says the same'),
    ])
  })

  test.each([
    ['buffer.memory', '1048576', 'queue.buffering.max.kbytes', '2048', { bufferMemory: 1_048_576 }],
    ['compression.gzip.level', '2', 'compression.level', '9', { compressionGzipLevel: 2 }],
    ['compression.zstd.level', '-3', 'compression.level', '9', { compressionZstdLevel: -3 }],
  ])('of %s and what librdkafka says instead too', (java, javaValue, other, otherValue, expected) => {
    const compressionType = /gzip|zstd/.exec(java)?.[0] ?? 'lz4'
    const { config, warnings } = read(
      { [other]: otherValue, [java]: javaValue, 'compression.type': compressionType },
      { partitioner: 'default' },
    )
    expect(config).toMatchObject(expected)
    expect(warnings).toEqual([expect.stringContaining(`${other} is passed over: ${java} says the same`)])
  })

  test('says of each property that changes nothing why it does not', () => {
    expect(read({ 'metrics.num.samples': 3, 'send.buffer.bytes': 1 }).warnings).toEqual([
      expect.stringContaining('metrics.num.samples is ignored: it is about the metrics of the Java client'),
      expect.stringContaining('send.buffer.bytes is ignored'),
    ])
    expect(read({ 'ssl.protocol': 'TLSv1.3', 'client.dns.lookup': 'use_all_dns_ips' }).warnings).toEqual([])
  })

  test('takes certificates and keys as PEM text', () => {
    const { config } = read({
      'security.protocol': 'sasl_ssl',
      'sasl.mechanisms': 'scram-sha-512',
      'sasl.username': 'ada',
      'sasl.password': ' secret ',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': PEM,
      'ssl.keystore.certificate.chain': PEM,
      'ssl.keystore.key': KEY,
      'ssl.key.password': 'of the key',
      'ssl.enabled.protocols': 'TLSv1.3, TLSv1.2',
      partitioner: 'random',
    })
    expect(config).toMatchObject({
      securityProtocol: 'SASL_SSL',
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'ada', password: ' secret ' },
      ssl: {
        ca: PEM.trim(),
        cert: PEM.trim(),
        key: KEY,
        passphrase: 'of the key',
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
      },
    })
  })

  test.each<readonly [string, Properties, string]>([
    ['a JKS truststore', { 'ssl.truststore.location': '/etc/trust.jks' }, 'ssl.truststore.certificates as PEM text'],
    ['a keystore', { 'ssl.keystore.type': 'JKS' }, 'keytool -importkeystore'],
    ['a file of librdkafka', { 'ssl.ca.location': '/etc/ca.pem' }, 'read it, and give its PEM text: ssl.ca.pem'],
    ['JAAS', { 'sasl.jaas.config': 'PlainLoginModule required password="canary";' }, 'sasl.username and sasl.password'],
    ['Kerberos', { 'sasl.mechanism': 'GSSAPI' }, 'use SCRAM-SHA-512 or OAUTHBEARER'],
    ['a token endpoint', { 'sasl.oauthbearer.token.endpoint.url': 'https://x' }, 'allowedUrls'],
    [
      'a host name that is not checked',
      { 'ssl.endpoint.identification.algorithm': '' },
      'must always have a certificate',
    ],
    ['a serializer in Java', { 'value.serializer': 'io.confluent.KafkaAvroSerializer' }, 'give valueSerializer'],
    ['a partitioner in Java', { 'partitioner.class': 'com.acme.Mine' }, 'give partitioner, a name or a function'],
    ['a partitioner of librdkafka', { partitioner: 'fnv1a' }, 'give partitioner, a name or a function'],
    ['two-phase commits', { 'transaction.two.phase.commit.enable': true }, 'KIP-939'],
    ['ciphers by Java’s names', { 'ssl.cipher.suites': 'TLS_RSA_WITH_AES_128_CBC_SHA' }, "give OpenSSL's"],
    ['an old protocol', { 'ssl.enabled.protocols': 'TLSv1.1,TLSv1.2' }, 'take the others out'],
    ['text for a number', { 'linger.ms': 'soon' }, "linger.ms must be an integer, not 'soon'"],
    ['neither true nor false', { 'enable.idempotence': 'yes' }, "true or false, not 'yes'"],
    ['a name in camel case', { lingerMs: 5 }, 'did you mean linger.ms?'],
    ['a name that nobody has', { 'group.id': 'x' }, 'is no producer property of Kafka or librdkafka'],
    ['half an escape', 'client.id=\\u00', 'four hexadecimal digits'],
  ])('refuses %s, and says what to do instead', (_, properties, remedy) => {
    const message = refusalOf(properties)
    expect(message).toContain(remedy)
    expect(message).not.toContain('canary')
  })

  test('refuses a callback, with where to give it', () => {
    expect(refusalOf(unchecked({ dr_msg_cb: () => {} }))).toContain('give it to produce()')
  })

  test('passes over what the second argument says, also what it would have refused', () => {
    const ssl = { ca: PEM }
    const { config, warnings } = read(
      { 'ssl.truststore.location': '/etc/trust.jks', 'linger.ms': 5, 'ssl.endpoint.identification.algorithm': '' },
      { ssl, lingerMs: 7 },
    )
    expect([config, warnings]).toEqual([{ ssl, lingerMs: 7 }, []])
  })
})
