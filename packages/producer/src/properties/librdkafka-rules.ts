import { A_FILE, atMostFive, mechanism, OAUTH } from './kafka-rules.ts'
import { certificates, privateKey } from './pem.ts'
import {
  asIs,
  ignored,
  milliseconds,
  oneOf,
  option,
  type PropertyRule,
  refused,
  type Rules,
  secret,
  text,
  trueOrFalse,
  truth,
  used,
  wholeNumber,
} from './property-rule.ts'

const KERBEROS = 'GSSAPI (Kerberos) is not spoken'
const LOGGER = 'give logger beside the properties: it decides what is written'
const CALLBACK = 'a callback cannot come from properties'
const OS_DECIDES = 'the operating system sizes the buffers of sockets'
const NO_LONGER = 'librdkafka does not use it any more either'
const MEMORY = 'bufferMemory limits what is buffered, by its bytes'
const OF_C = 'it belongs to the C library'
const IN_PEM = 'certificates and keys are given as PEM text: ssl.ca.pem, ssl.certificate.pem, ssl.key.pem'
const ENGINE = 'keys are given as PEM text: ssl.key.pem, or give ssl beside the properties'

/** What becomes of the producer properties that only librdkafka has, 2.15.1. */
export const librdkafkaRules: Rules = {
  'metadata.broker.list': text('bootstrapServers'),
  'message.max.bytes': used('maxRequestSize', wholeNumber),
  'max.in.flight': used('maxInFlightRequestsPerConnection', atMostFive, '; more becomes 5'),
  'topic.metadata.refresh.interval.ms': milliseconds('metadataMaxAgeMs', { is: -1, as: 2_147_483_647 }),
  'socket.timeout.ms': milliseconds('requestTimeoutMs'),
  'allow.auto.create.topics': trueOrFalse('allowAutoTopicCreation'),
  'queue.buffering.max.kbytes': used(
    'bufferMemory',
    (value, name, draft) => wholeNumber(value, name, draft) * 1024,
    ', in bytes',
  ),
  'queue.buffering.max.ms': milliseconds('lingerMs'),
  'message.send.max.retries': used('retries', wholeNumber),
  'message.timeout.ms': milliseconds('deliveryTimeoutMs', { is: 0, as: 2_147_483_647 }),
  'request.required.acks': used('acks', wholeNumber),
  'compression.codec': used('compressionType', (value) => (value === 'inherit' ? undefined : value)),
  'compression.level': compressionLevel(),
  partitioner: oneOf(
    'partitioner',
    { consistent_random: 'consistent-random', murmur2_random: 'default', random: 'random' },
    'give partitioner, a name or a function, beside the properties',
  ),

  'ssl.ca.pem': option('ssl', 'ca', certificates),
  'ssl.certificate.pem': option('ssl', 'cert', certificates),
  'ssl.key.pem': option('ssl', 'key', privateKey),
  'ssl.curves.list': option('ssl', 'ecdhCurve'),
  'ssl.sigalgs.list': option('ssl', 'sigalgs'),
  'enable.ssl.certificate.verification': option('ssl', 'rejectUnauthorized', truth),
  'ssl.ca.location': refused(`${A_FILE}: ssl.ca.pem`, 'ssl'),
  'ssl.certificate.location': refused(`${A_FILE}: ssl.certificate.pem`, 'ssl'),
  'ssl.key.location': refused(`${A_FILE}: ssl.key.pem`, 'ssl'),
  'ssl.crl.location': refused('it names a file: give ssl: { crl } beside the properties', 'ssl'),
  ssl_ca: refused(IN_PEM, 'ssl'),
  ssl_certificate: refused(IN_PEM, 'ssl'),
  ssl_key: refused(IN_PEM, 'ssl'),
  'ssl.ca.certificate.stores': ignored('the authorities that Node knows are trusted, or those of ssl.ca.pem'),
  'ssl.providers': ignored('Node has its own OpenSSL'),
  'ssl.engine.location': refused(ENGINE, 'ssl'),
  'ssl.engine.id': refused(ENGINE, 'ssl'),
  ssl_engine_callback_data: refused(ENGINE, 'ssl'),
  'ssl.certificate.verify_cb': refused(`${CALLBACK}: give ssl: { checkServerIdentity } beside the properties`, 'ssl'),
  'https.ca.location': refused(OAUTH, 'sasl'),
  'https.ca.pem': refused(OAUTH, 'sasl'),

  'sasl.mechanisms': mechanism(),
  'sasl.username': option('sasl', 'username'),
  'sasl.password': secret('sasl', 'password'),
  'sasl.kerberos.principal': ignored(KERBEROS),
  'sasl.kerberos.keytab': ignored(KERBEROS),
  'sasl.oauthbearer.config': refused(OAUTH, 'sasl'),
  'enable.sasl.oauthbearer.unsecure.jwt': asIs('false', { refused: OAUTH }, 'sasl'),
  oauthbearer_token_refresh_cb: refused(`${CALLBACK}: give sasl: { token } beside the properties`, 'sasl'),
  'sasl.oauthbearer.method': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.client.id': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.client.secret': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.extensions': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.grant.type': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.private.key.pem': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.assertion.jwt.template.file': refused(OAUTH, 'sasl'),
  'sasl.oauthbearer.metadata.authentication.type': asIs('none', { refused: OAUTH }, 'sasl'),

  'builtin.features': ignored(OF_C),
  'message.copy.max.bytes': ignored('the bytes of a record are always copied'),
  'receive.message.max.bytes': ignored('answers are limited to 100 MiB'),
  'topic.metadata.refresh.fast.interval.ms': ignored('retryBackoffMs and retryBackoffMaxMs decide'),
  'topic.metadata.refresh.fast.cnt': ignored(NO_LONGER),
  'topic.metadata.refresh.sparse': asIs('true', { ignored: 'only topics that are sent to are asked for' }),
  'topic.metadata.propagation.max.ms': ignored('a topic that is unknown is waited for until maxBlockMs is over'),
  'topic.blacklist': ignored('only topics that are sent to are asked for'),
  'socket.blocking.max.ms': ignored(NO_LONGER),
  'socket.send.buffer.bytes': ignored(OS_DECIDES),
  'socket.receive.buffer.bytes': ignored(OS_DECIDES),
  'socket.keepalive.enable': asIs('true', { ignored: 'TCP keepalive is always on' }),
  'socket.nagle.disable': asIs('true', { ignored: 'TCP_NODELAY is always on' }),
  'socket.max.fails': asIs('1', { ignored: 'a request that times out always ends its connection' }),
  'broker.address.ttl': ignored('a name is looked up anew for every round of its addresses'),
  'broker.address.family': asIs('any', { ignored: 'every address of a name is tried, of either family' }),
  'reconnect.backoff.jitter.ms': ignored(NO_LONGER),
  'api.version.request': asIs('true', { refused: 'every broker is asked for its versions: leave it out' }),
  'api.version.request.timeout.ms': ignored('socketConnectionSetupTimeoutMs limits the whole way to a connection'),
  'api.version.fallback.ms': ignored('every broker is asked for its versions'),
  'broker.version.fallback': ignored('every broker is asked for its versions'),
  'client.rack': ignored('only consumers use it'),
  'enable.random.seed': ignored(OF_C),
  'internal.termination.signal': ignored(OF_C),
  'plugin.library.paths': refused('plugins of the C library cannot run here: leave it out'),
  interceptors: refused(
    'interceptors of the C library cannot run here: give interceptors beside the properties',
    'interceptors',
  ),

  debug: ignored(LOGGER),
  log_level: ignored(LOGGER),
  'log.queue': ignored(LOGGER),
  'log.thread.name': ignored(LOGGER),
  'log.connection.close': ignored(LOGGER),
  log_cb: refused(`${CALLBACK}: give logger beside the properties`, 'logger'),
  'statistics.interval.ms': milliseconds('statisticsIntervalMs'),
  stats_cb: refused(`${CALLBACK}: give it to producer.on('statistics')`),
  error_cb: refused(`${CALLBACK}: each send and produce tells its own errors, and logger the others`),
  throttle_cb: refused(`${CALLBACK}: the producer keeps to what brokers ask for by itself`),
  enabled_events: ignored(OF_C),
  background_event_cb: refused(`${CALLBACK}: leave it out`),
  socket_cb: refused(`${CALLBACK}: give the constructor ports with a network of your own`),
  connect_cb: refused(`${CALLBACK}: give the constructor ports with a network of your own`),
  closesocket_cb: refused(`${CALLBACK}: give the constructor ports with a network of your own`),
  open_cb: refused(`${CALLBACK}: no file is opened`),
  resolve_cb: refused(`${CALLBACK}: give the constructor ports with a dns of your own`),
  opaque: refused('what belongs to a record is at hand in the callback of produce()'),
  default_topic_conf: refused('put its properties beside the others: they are the same for all topics'),

  'enable.gapless.guarantee': asIs('false', { ignored: 'a record that failed does not stop those behind it' }),
  'queue.buffering.max.messages': ignored(MEMORY),
  'queue.buffering.backpressure.threshold': ignored('a batch leaves when its partition has none in flight'),
  'batch.num.messages': ignored('batchSize limits a batch, by its bytes'),
  'delivery.report.only.error': ignored('each call has its own callback or promise, or none'),
  dr_cb: refused(`${CALLBACK}: give it to produce()`),
  dr_msg_cb: refused(`${CALLBACK}: give it to produce()`),
  'sticky.partitioning.linger.ms': ignored('records without a key stay with a partition for a batch'),
  'queuing.strategy': asIs('fifo', { refused: 'records are sent in the order of the calls: leave it out' }),
  'produce.offset.report': asIs('true', { ignored: 'offsets are always told' }),
  partitioner_cb: refused(`${CALLBACK}: give partitioner, a function, beside the properties`, 'partitioner'),
  msg_order_cmp: refused(`${CALLBACK}: records are sent in the order of the calls`),
}

const LEVEL_KEYS = { gzip: 'compressionGzipLevel', zstd: 'compressionZstdLevel' } as const

/** One level for all codecs there, one for each here. The codec stands before it in the table, and is known by now. */
function compressionLevel(): PropertyRule {
  return {
    kind: 'used',
    key: 'compressionType',
    as: '`compressionGzipLevel` or `compressionZstdLevel`; lz4 and snappy have no levels',
    read: (draft, name, value) => {
      const level = wholeNumber(value.trim(), name, draft)
      const { compressionType } = draft.config
      if (level === -1) return
      if (compressionType !== 'gzip' && compressionType !== 'zstd') {
        draft.warn(`${name} ${level} is ignored: only gzip and zstd have levels here`)
        return
      }
      const key = LEVEL_KEYS[compressionType]
      if (draft.config[key] === undefined) draft.config[key] = level
      else draft.warn(`${name} is passed over: compression.${compressionType}.level says the same`)
    },
  }
}
