import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { KafkaError, Producer, type ProducerConfig, type SaslMechanism } from '@linger/producer'

// Producers among peers that say anything, with functions that throw. Prints how many calls failed as they should; a
// throw or a rejection that nobody hears of ends the process.
// Usage: node --unhandled-rejections=strict hostile-peers.ts SEED

let state = Number(process.argv[2] ?? 1)
function below(limit: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
  return (state >> 8) % limit
}

function garbage(sizeBytes: number): Buffer {
  return Buffer.from(Array.from({ length: sizeBytes }, () => (below(3) === 0 ? 0 : below(256))))
}

/** An answer to this request as far as size and correlation id go; what follows is anything. */
function answerLike(request: Buffer): Buffer {
  const body = garbage(below(60))
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + body.length, 0)
  if (request.length >= 12) request.copy(head, 4, 8, 12)
  return Buffer.concat([head, body])
}

const WAYS: readonly ((request: Buffer, socket: Socket) => void)[] = [
  (request, socket) => void socket.write(answerLike(request)),
  (_request, socket) => void socket.write(garbage(below(200))),
  (_request, socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  (_request, socket) => void socket.resetAndDestroy(),
  (request, socket) => void socket.write(answerLike(request).subarray(0, below(12))),
  (_request, socket) => void socket.write(Buffer.from('15030300020228', 'hex')),
]

const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.on('data', (request) => WAYS[below(WAYS.length)]?.(request, socket))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server of TCP has a port
const { port } = server.address() as AddressInfo

const fail = (): never => {
  throw new Error('a function of the application')
}
const failLater = (): Promise<never> => Promise.reject(new Error('a function of the application'))

function mechanism(converse: SaslMechanism['converse']): Partial<ProducerConfig> {
  return { securityProtocol: 'SASL_PLAINTEXT', sasl: { mechanism: { name: 'MINE', converse }, allowInsecure: true } }
}

const user = { username: 'u', allowInsecure: true } as const
const overTls = { securityProtocol: 'SASL_SSL' } as const
const tokenEndpointUrl = `http://127.0.0.1:${port}/token`
const credentials = { tokenEndpointUrl, allowedUrls: [tokenEndpointUrl], clientId: 'a', clientSecret: 'b' }

const CONFIGS: readonly Partial<ProducerConfig>[] = [
  {},
  { enableIdempotence: false },
  { securityProtocol: 'SSL' },
  { securityProtocol: 'SSL', ssl: fail },
  { securityProtocol: 'SSL', ssl: failLater },
  { securityProtocol: 'SSL', ssl: { cert: 'no PEM', key: 'no PEM' } },
  { ...overTls, sasl: { mechanism: 'SCRAM-SHA-256', username: 'u', password: 'p' } },
  { securityProtocol: 'SASL_PLAINTEXT', sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' } },
  { securityProtocol: 'SASL_PLAINTEXT', sasl: { mechanism: 'PLAIN', ...user, password: fail } },
  { securityProtocol: 'SASL_PLAINTEXT', sasl: { mechanism: 'PLAIN', ...user, password: failLater } },
  { securityProtocol: 'SASL_PLAINTEXT', sasl: { mechanism: 'OAUTHBEARER', allowInsecure: true, token: fail } },
  { securityProtocol: 'SASL_PLAINTEXT', sasl: { mechanism: 'OAUTHBEARER', allowInsecure: true, token: failLater } },
  {
    securityProtocol: 'SASL_PLAINTEXT',
    sasl: { mechanism: 'OAUTHBEARER', allowInsecure: true, clientCredentials: credentials },
  },
  mechanism(fail),
  mechanism(() => ({ next: fail })),
  mechanism(() => ({ next: failLater, return: failLater })),
  mechanism(async function* () {
    for (;;) yield garbage(20)
  }),
]

let failedCount = 0
async function expectFailure(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    failedCount++
  }
}

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const times = { requestTimeoutMs: 200, deliveryTimeoutMs: 400, maxBlockMs: 400, socketConnectionSetupTimeoutMs: 200 }
const retries = { reconnectBackoffMs: 1, reconnectBackoffMaxMs: 5, retryBackoffMs: 1, retryBackoffMaxMs: 5 }

await Promise.all(
  CONFIGS.map(async (config) => {
    const producer = new Producer({ bootstrapServers: `127.0.0.1:${port}`, logger, ...times, ...retries, ...config })
    await expectFailure(() => producer.connect({ timeoutMs: 300 }))
    await expectFailure(() => producer.send({ topic: 't', value: 'v' }))
    await expectFailure(() => producer.partitionsFor('t'))
    await producer.close({ timeoutMs: 0 })
  }),
)
server.close()
console.log(`${failedCount} calls of ${CONFIGS.length * 3} failed`)
