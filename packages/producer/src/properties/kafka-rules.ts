import { serializers } from '../record/serializers.ts'
import { certificates, privateKey } from './pem.ts'
import {
  asIs,
  type Draft,
  ignored,
  integer,
  milliseconds,
  oneOf,
  option,
  type PropertyRule,
  refused,
  type Rules,
  secret,
  text,
  trueOrFalse,
  used,
  wholeNumber,
} from './property-rule.ts'

const OS_DECIDES = 'the operating system sizes the buffers of sockets'
const METRICS = 'it is about the metrics of the Java client'
const KERBEROS = 'GSSAPI (Kerberos) is not spoken'
const TOKENS = 'tokens are renewed ahead of their expiry'
const CHECKED_BY_BROKERS = 'brokers check tokens, not producers'
const JVM = 'Node has one implementation of TLS, OpenSSL'

export const A_FILE = 'it names a file: read it, and give its PEM text'
const KEYSTORE =
  'a keystore is a file: give ssl.keystore.certificate.chain and ssl.keystore.key as PEM text, or beside the properties ssl: { pfx, passphrase } with the bytes of a PKCS#12 file (a JKS one becomes that by keytool -importkeystore -deststoretype PKCS12)'
const TRUSTSTORE =
  'a truststore is a file: give ssl.truststore.certificates as PEM text (keytool -exportcert -rfc writes it), or beside the properties ssl: { ca }'
const CLASS = 'a Java class cannot run here'
export const OAUTH =
  "a file may not say where a secret goes: give beside the properties sasl: { mechanism: 'OAUTHBEARER', clientCredentials: { tokenEndpointUrl, allowedUrls, clientId, clientSecret } }, or token: a function"

const STRINGS_AND_BYTES = ['String', 'ByteArray', 'ByteBuffer', 'Bytes', 'Void']
const NUMBERS = {
  Short: serializers.int16,
  Integer: serializers.int32,
  Long: serializers.int64,
  Double: serializers.float64,
  UUID: serializers.uuid,
}

/** What becomes of each producer property of the Java client, 4.3.1. */
export const kafkaRules: Rules = {
  acks: used('acks', (value) => (value === 'all' ? 'all' : /^-?\d+$/.test(value) ? Number(value) : value)),
  'batch.size': integer('batchSize'),
  'bootstrap.servers': text('bootstrapServers'),
  'buffer.memory': integer('bufferMemory'),
  'client.dns.lookup': asIs('use_all_dns_ips', {
    refused:
      'every address of a name is tried, and brokers are known by the names they were dialled under: leave it out',
  }),
  'client.id': used('clientId', (value) => (value === '' ? undefined : value)),
  'compression.gzip.level': integer('compressionGzipLevel'),
  'compression.lz4.level': ignored('the library of lz4 has no levels'),
  'compression.type': text('compressionType'),
  'compression.zstd.level': integer('compressionZstdLevel'),
  'config.providers': refused('values are taken as they stand: put in what the providers would'),
  'connections.max.idle.ms': milliseconds('connectionsMaxIdleMs', { is: 0, as: -1 }),
  'delivery.timeout.ms': milliseconds('deliveryTimeoutMs', { is: 0, as: 2_147_483_647 }),
  'enable.idempotence': trueOrFalse('enableIdempotence'),
  'enable.metrics.push': asIs(
    'false',
    {
      ignored:
        'metrics are pushed where telemetry: otlpTelemetry() of @linger/opentelemetry is given beside the properties',
    },
    'telemetry',
  ),
  'interceptor.classes': refused(`${CLASS}: give interceptors beside the properties`, 'interceptors'),
  'key.serializer': serializer('keySerializer'),
  'linger.ms': milliseconds('lingerMs'),
  'max.block.ms': milliseconds('maxBlockMs'),
  'max.in.flight.requests.per.connection': used('maxInFlightRequestsPerConnection', atMostFive, '; more becomes 5'),
  'max.request.size': integer('maxRequestSize'),
  'metadata.max.age.ms': milliseconds('metadataMaxAgeMs'),
  'metadata.max.idle.ms': milliseconds('metadataMaxIdleMs'),
  'metadata.recovery.rebootstrap.trigger.ms': milliseconds('metadataRecoveryRebootstrapTriggerMs'),
  'metadata.recovery.strategy': used('metadataRecoveryStrategy', (value) => value.toLowerCase()),
  'metric.reporters': ignored(METRICS),
  'metrics.num.samples': ignored(METRICS),
  'metrics.recording.level': ignored(METRICS),
  'metrics.sample.window.ms': ignored(METRICS),
  'partitioner.adaptive.partitioning.enable': asIs('true', { ignored: 'slower brokers always get less' }),
  'partitioner.availability.timeout.ms': ignored('brokers in back-off always get none of the records without a key'),
  'partitioner.class': oneOf(
    'partitioner',
    {
      'org.apache.kafka.clients.producer.internals.DefaultPartitioner': 'default',
      'org.apache.kafka.clients.producer.RoundRobinPartitioner': 'round-robin',
    },
    `${CLASS}: give partitioner, a name or a function, beside the properties`,
  ),
  'partitioner.ignore.keys': asIs(
    'false',
    { refused: "give partitioner: 'round-robin' or 'random' beside the properties: they look at no key" },
    'partitioner',
  ),
  'receive.buffer.bytes': ignored(OS_DECIDES),
  'reconnect.backoff.max.ms': milliseconds('reconnectBackoffMaxMs'),
  'reconnect.backoff.ms': milliseconds('reconnectBackoffMs'),
  'request.timeout.ms': milliseconds('requestTimeoutMs'),
  retries: integer('retries'),
  'retry.backoff.max.ms': milliseconds('retryBackoffMaxMs'),
  'retry.backoff.ms': milliseconds('retryBackoffMs'),
  'sasl.client.callback.handler.class': refused(`${CLASS}: give sasl: { mechanism } beside the properties`, 'sasl'),
  'sasl.jaas.config': refused(
    'JAAS names Java classes: give sasl.username and sasl.password, or sasl beside the properties',
    'sasl',
  ),
  'sasl.kerberos.kinit.cmd': ignored(KERBEROS),
  'sasl.kerberos.min.time.before.relogin': ignored(KERBEROS),
  'sasl.kerberos.service.name': ignored(KERBEROS),
  'sasl.kerberos.ticket.renew.jitter': ignored(KERBEROS),
  'sasl.kerberos.ticket.renew.window.factor': ignored(KERBEROS),
  'sasl.login.callback.handler.class': refused(`${CLASS}: give sasl: { token } beside the properties`, 'sasl'),
  'sasl.login.class': refused(`${CLASS}: give sasl beside the properties`, 'sasl'),
  'sasl.login.connect.timeout.ms': ignored('clientCredentials.timeoutMs limits the whole question for a token'),
  'sasl.login.read.timeout.ms': ignored('clientCredentials.timeoutMs limits the whole question for a token'),
  'sasl.login.refresh.buffer.seconds': ignored(TOKENS),
  'sasl.login.refresh.min.period.seconds': ignored(TOKENS),
  'sasl.login.refresh.window.factor': ignored(TOKENS),
  'sasl.login.refresh.window.jitter': ignored(TOKENS),
  'sasl.login.retry.backoff.max.ms': ignored(TOKENS),
  'sasl.login.retry.backoff.ms': ignored(TOKENS),
  'sasl.mechanism': mechanism(),
  'sasl.oauthbearer.assertion.algorithm': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.claim.aud': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.claim.exp.seconds': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.claim.iss': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.claim.jti.include': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.claim.nbf.seconds': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.claim.sub': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.file': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.private.key.file': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.private.key.passphrase': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.template.file': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.client.credentials.client.id': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.client.credentials.client.secret': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.clock.skew.seconds': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.expected.audience': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.expected.issuer': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.header.urlencode': asIs('false', { refused: OAUTH }, 'sasl'),
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.jwks.endpoint.url': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.jwt.retriever.class': refused(`${CLASS}: give sasl: { token } beside the properties`, 'sasl'),
  'sasl.oauthbearer.jwt.validator.class': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.scope': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.scope.claim.name': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.sub.claim.name': ignored(CHECKED_BY_BROKERS),
  'sasl.oauthbearer.token.endpoint.url': refused(OAUTH, 'sasl'),
  'security.protocol': used('securityProtocol', (value) => value.toUpperCase()),
  'security.providers': ignored(JVM),
  'send.buffer.bytes': ignored(OS_DECIDES),
  'socket.connection.setup.timeout.max.ms': milliseconds('socketConnectionSetupTimeoutMaxMs'),
  'socket.connection.setup.timeout.ms': milliseconds('socketConnectionSetupTimeoutMs'),
  'ssl.cipher.suites': option('ssl', 'ciphers', opensslCiphers),
  'ssl.enabled.protocols': enabledProtocols(),
  'ssl.endpoint.identification.algorithm': asIs(
    'https',
    {
      refused:
        'a broker must always have a certificate for the name it was dialled under: give it one, or give ssl beside the properties',
    },
    'ssl',
  ),
  'ssl.engine.factory.class': refused(`${CLASS}: give ssl, also as a function, beside the properties`, 'ssl'),
  'ssl.key.password': secret('ssl', 'passphrase'),
  'ssl.keymanager.algorithm': ignored(JVM),
  'ssl.keystore.certificate.chain': option('ssl', 'cert', certificates),
  'ssl.keystore.key': option('ssl', 'key', privateKey),
  'ssl.keystore.location': refused(KEYSTORE, 'ssl'),
  'ssl.keystore.password': refused(KEYSTORE, 'ssl'),
  'ssl.keystore.type': asIs('pem', { refused: KEYSTORE }, 'ssl'),
  'ssl.protocol': asIs(['tls', 'tlsv1.2', 'tlsv1.3'], { refused: 'TLS is 1.2 or 1.3 here: leave it out' }, 'ssl'),
  'ssl.provider': ignored(JVM),
  'ssl.secure.random.implementation': ignored(JVM),
  'ssl.trustmanager.algorithm': ignored(JVM),
  'ssl.truststore.certificates': option('ssl', 'ca', certificates),
  'ssl.truststore.location': refused(TRUSTSTORE, 'ssl'),
  'ssl.truststore.password': refused(TRUSTSTORE, 'ssl'),
  'ssl.truststore.type': asIs('pem', { refused: TRUSTSTORE }, 'ssl'),
  'transaction.timeout.ms': milliseconds('transactionTimeoutMs'),
  'transaction.two.phase.commit.enable': asIs('false', { refused: 'there are no two-phase commits here (KIP-939)' }),
  'transactional.id': text('transactionalId'),
  'value.serializer': serializer('valueSerializer'),
}

/** Strings and bytes need no serializer here. */
function serializer(key: 'keySerializer' | 'valueSerializer'): PropertyRule {
  return used(
    key,
    (value, name, { invalid }) => {
      const [, of = ''] = /^org\.apache\.kafka\.common\.serialization\.(\w+)Serializer$/.exec(value) ?? []
      if (STRINGS_AND_BYTES.includes(of)) return undefined
      const known = Object.hasOwn(NUMBERS, of) ? NUMBERS[of as keyof typeof NUMBERS] : undefined
      if (known === undefined)
        throw invalid(`${name} ${value}: ${CLASS}: give ${key}, a function, beside the properties`)
      return known
    },
    `: Kafka's own ${[...STRINGS_AND_BYTES, ...Object.keys(NUMBERS)].join(', ')}`,
  )
}

export function atMostFive(value: string, name: string, draft: Draft): number {
  const count = wholeNumber(value, name, draft)
  if (count <= 5) return count
  draft.warn(`${name} ${count} becomes 5: a partition never has more than one batch in flight, so more gains nothing`)
  return 5
}

export function mechanism(): PropertyRule {
  return option('sasl', 'mechanism', (value, _name, { invalid }) => {
    const name = value.toUpperCase()
    if (name === 'OAUTHBEARER') throw invalid(`OAUTHBEARER: ${OAUTH}`)
    if (name === 'GSSAPI') throw invalid(`${KERBEROS}: use SCRAM-SHA-512 or OAUTHBEARER`)
    return name
  })
}

function enabledProtocols(): PropertyRule {
  return {
    kind: 'used',
    key: 'ssl',
    as: '`ssl.minVersion` and `ssl.maxVersion`',
    read: ({ ssl, invalid }, name, value) => {
      const versions = listOf(value).toSorted()
      if (versions.some((version) => version !== 'TLSv1.2' && version !== 'TLSv1.3') || versions.length === 0) {
        throw invalid(`${name} '${value}': TLS is TLSv1.2 or TLSv1.3 here: take the others out`)
      }
      ssl['minVersion'] = versions[0]
      ssl['maxVersion'] = versions.at(-1)
    },
  }
}

function opensslCiphers(value: string, name: string, { invalid }: Draft): string {
  const ciphers = value.split(/[,:]/).map((cipher) => cipher.trim())
  const ofJava = ciphers.find((cipher) => cipher.includes('_WITH_'))
  if (ofJava !== undefined) {
    throw invalid(`${name}: ${ofJava} is Java's name of a cipher: give OpenSSL's, like ECDHE-RSA-AES128-GCM-SHA256`)
  }
  return ciphers.join(':')
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
