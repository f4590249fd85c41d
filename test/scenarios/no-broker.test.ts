import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type KafkaError, Producer } from '@linger/producer'
import { afterEach, describe, expect, test } from 'vitest'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

describe('when no broker can be reached', () => {
  test('connect() fails at once, and names the address and the reason', async () => {
    const address = await freeAddress()
    const error = await failureOf(async (producer) => producer.connect(), address)
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never', retriable: true })
    expect(error.message).toContain(address)
    expect(error.message).toContain('ECONNREFUSED')
  })

  test('connect() fails at its timeout when a peer accepts and stays silent', async () => {
    const address = await listening(createServer())
    const startedMs = performance.now()
    const error = await failureOf(async (producer) => producer.connect({ timeoutMs: 300 }), address)
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never' })
    expect(error.message).toContain('no broker answered within 300 ms')
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  test('connect() tells of every address that was tried', async () => {
    const [first, second] = [await freeAddress(), await freeAddress()]
    const error = await failureOf(async (producer) => producer.connect(), `${first},${second}`)
    expect(error.message).toContain(first)
    expect(error.message).toContain(second)
  })

  test('send() waits for maxBlockMs, and the record was never written', async () => {
    const startedMs = performance.now()
    const record = { topic: 'orders', value: 'x' }
    const error = await failureOf(async (producer) => producer.send(record), await freeAddress())
    expect(error).toMatchObject({ code: 'METADATA_TIMEOUT', outcome: 'never', retriable: true })
    expect(error.message).toContain('orders')
    expect(error.message).toContain('maxBlockMs (500 ms)')
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(499)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  test('close() with records that wait for a broker ends when they have failed', async () => {
    const producer = new Producer({ bootstrapServers: await freeAddress(), maxBlockMs: 300 })
    const settled = producer.send({ topic: 'orders', value: 'x' }).catch((error: KafkaError) => error.outcome)
    await producer.close()
    expect(await settled).toBe('never')
  })
})

describe('a peer that does not speak Kafka', () => {
  test('but HTTP is named', async () => {
    const address = await listening(createHttpServer())
    const error = await failureOf(async (producer) => producer.connect(), address)
    expect(error).toMatchObject({ code: 'NOT_KAFKA', outcome: 'never' })
    expect(error.message).toMatch(/answered with HTTP: this is not a Kafka port/u)
  })

  // What Java's SSLEngine says to plain text, before Kafka closes the connection: a fatal alert, internal_error.
  test('but TLS is named', async () => {
    const server = createServer((socket) => socket.end(Buffer.from('15030300020250', 'hex')))
    const error = await failureOf(async (producer) => producer.connect(), await listening(server))
    expect(error).toMatchObject({ code: 'NOT_KAFKA', outcome: 'never' })
    expect(error.message).toMatch(/answered with TLS: this listener wants an encrypted connection/u)
  })

  test('but TLS, and closes without a word, is suspected of it', async () => {
    const server = createTlsServer()
    server.on('tlsClientError', () => {})
    const error = await failureOf(async (producer) => producer.connect(), await listening(server))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never' })
    expect(error.message).toMatch(/closed the connection without an answer: its listener may want TLS/u)
  })

  test('and says something else is refused with its bytes unread', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
    const error = await failureOf(async (producer) => producer.connect(), await listening(server))
    expect(error).toMatchObject({ code: 'NOT_KAFKA', outcome: 'never' })
    expect(error.message).toContain('does not answer as Kafka does')
  })
})

async function failureOf(use: (producer: Producer) => Promise<unknown>, bootstrapServers: string): Promise<KafkaError> {
  const producer = new Producer({ bootstrapServers, maxBlockMs: 500 })
  try {
    return await use(producer).then(
      () => {
        throw new Error('it succeeded')
      },
      (error: KafkaError) => error,
    )
  } finally {
    await producer.close({ timeoutMs: 0 })
  }
}

/** Where the server listens; it and its connections end with the test. */
async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `127.0.0.1:${address.port}`
}

/** An address where nobody listens. */
async function freeAddress(): Promise<string> {
  const server = createServer()
  const address = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return address
}
