import { createConnection as createPlainConnection, createServer as createPlainServer } from 'node:net'
import { createServer, type TlsOptions as ServerOptions } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Producer, type TlsOptions } from '../../src/index.ts'
import { TcpNetwork } from '../../src/ports/node/tcp-network.ts'
import { unchecked } from '../world/unchecked.ts'
import { CertificateAuthority, type Certificate } from './certificates.ts'
import { closeAll, connect, connectProducer, listen, open, portOf } from './tls-servers.ts'

let authority: CertificateAuthority
let stranger: CertificateAuthority
let localhost: Certificate

beforeAll(() => {
  authority = new CertificateAuthority('linger test authority')
  stranger = new CertificateAuthority('somebody else')
  localhost = authority.sign('localhost', { names: 'DNS:localhost,IP:127.0.0.1' })
})

afterAll(() => {
  authority.remove()
  stranger.remove()
})

afterEach(() => {
  vi.unstubAllEnvs()
  closeAll()
})

describe('S12: the certificate of a broker must be for the name that was dialled:', () => {
  const cases: [string, string, string, boolean][] = [
    ['the name', 'broker.example.com', 'DNS:broker.example.com', true],
    ['another name', 'broker.example.com', 'DNS:other.example.com', false],
    ['a wildcard for it', 'broker.example.com', 'DNS:*.example.com', true],
    ['a wildcard one level above', 'a.broker.example.com', 'DNS:*.example.com', false],
    ['the name with a dot behind it', 'broker.example.com.', 'DNS:broker.example.com', true],
    ['the address', '127.0.0.1', 'IP:127.0.0.1', true],
    ['another address', '127.0.0.1', 'IP:127.0.0.2', false],
    ['the address as a name', '127.0.0.1', 'DNS:127.0.0.1', false],
    ['the address behind the name, but not the name', 'broker.example.com', 'IP:127.0.0.1', false],
  ]
  test.each(cases)('%s', async (_name, host, names, isRight) => {
    const { port } = await listen(authority.sign('any', { names }))
    const end = await connect(port, host, { ca: authority.cert })
    if (isRight) expect(end).toBe('connected')
    else expect(end).toContain('does not match certificate')
  })

  test('a name is asked for (SNI), an address is not', async () => {
    const { port, names } = await listen(localhost)
    await connect(port, 'localhost', { ca: authority.cert })
    await connect(port, '127.0.0.1', { ca: authority.cert })
    await vi.waitFor(() => expect(names).toEqual(['localhost', false]))
  })

  test('and right in the eyes of whoever asks for more', async () => {
    const { port } = await listen(localhost)
    const checkServerIdentity = (host: string): Error => new Error(`${host} is not pinned`)
    expect(await connect(port, 'localhost', { ca: authority.cert, checkServerIdentity })).toBe(
      'localhost is not pinned',
    )
  })

  test.each([
    ['answers an error', () => new Error('not pinned')],
    ['answers a string', () => 'not pinned'],
    [
      'throws',
      () => {
        throw new Error('not pinned')
      },
    ],
  ])('S24: whoever asks for more and %s refuses the certificate', async (_name, checkServerIdentity) => {
    const { port, heard } = await listen(localhost)
    const ssl = { ca: authority.cert, checkServerIdentity: unchecked(checkServerIdentity) }
    const { error } = await connectProducer(port, ssl)
    expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED', outcome: 'never', retriable: false })
    expect(error.message).toContain('ssl.checkServerIdentity does not accept its certificate (not pinned)')
    expect(heard).toEqual([])
  })
})

describe('S11: verification is on unless it is literally false', () => {
  test.each([undefined, 0, null, 'false', true])('rejectUnauthorized %j', async (value) => {
    const { port } = await listen(localhost)
    const end = await connect(port, 'localhost', { ca: stranger.cert, rejectUnauthorized: unchecked(value) })
    expect(end).toMatch(/unable to verify|self-signed|unable to get/)
  })

  test('whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const { port } = await listen(localhost)
    expect(await connect(port, 'localhost', {})).not.toBe('connected')
  })

  test('S17: whatever stands on Object.prototype', async () => {
    const { port } = await listen(localhost)
    const everyObject: object = Object.prototype
    Object.defineProperty(everyObject, 'rejectUnauthorized', { value: false, configurable: true })
    try {
      expect(await connect(port, 'localhost', {})).not.toBe('connected')
    } finally {
      Reflect.deleteProperty(everyObject, 'rejectUnauthorized')
    }
  })

  test('and false is false', async () => {
    const { port } = await listen(localhost)
    expect(await connect(port, 'elsewhere', { rejectUnauthorized: false })).toBe('connected')
  })
})

describe('fault 79: connect() says what is wrong, and what to do, and no word of Kafka is sent:', () => {
  const expired = { from: '20200101000000Z', to: '20200201000000Z' }
  const future = { from: '20400101000000Z', to: '20400201000000Z' }
  const cases: [string, () => ServerOptions, RegExp][] = [
    [
      'expired',
      () => authority.sign('localhost', { names: 'DNS:localhost', ...expired }),
      /has expired: it needs a new/,
    ],
    ['not valid yet', () => authority.sign('localhost', { names: 'DNS:localhost', ...future }), /compare the clocks/],
    ['of a stranger', () => stranger.sign('localhost', { names: 'DNS:localhost' }), /set ssl.ca to the certificate/],
    ['that is self-signed', () => stranger.self, /set ssl.ca to the certificate/],
    [
      'for another host',
      () => authority.sign('x', { names: 'DNS:x' }),
      /is for other names: connect to a name it is for/,
    ],
    ['of TLS 1.1', () => ({ ...localhost, ...OLD_TLS }), /no version of TLS in common/],
    [
      'with a demand for ours',
      () => ({ ...localhost, requestCert: true, ca: stranger.cert }),
      /set ssl.cert and ssl.key/,
    ],
  ]
  test.each(cases)('a certificate %s', async (name, options, reason) => {
    const { port, heard } = await listen(options())
    const { error } = await connectProducer(port, { ca: authority.cert })
    expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED', outcome: 'never', retriable: false })
    expect(error.message).toMatch(reason)
    expect(error.message).toContain(`localhost:${port}`)
    if (name !== 'with a demand for ours') expect(heard).toEqual([])
  })

  test('a stranger’s certificate, met by a producer of transactions', async () => {
    const { port } = await listen(stranger.sign('localhost', { names: 'DNS:localhost' }))
    const bootstrapServers = `localhost:${port}`
    await using producer = new Producer({ bootstrapServers, securityProtocol: 'SSL', ssl: {}, transactionalId: 'x' })
    const expected = { code: 'SSL_AUTHENTICATION_FAILED', outcome: 'never', fatal: false }
    await expect(producer.initTransactions()).rejects.toMatchObject(expected)
  })

  test('a listener without TLS', async () => {
    const server = createPlainServer((socket) => {
      open.push(socket)
      socket.on('error', () => {})
      socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    })
    const { error } = await connectProducer(await portOf(server), {})
    expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED' })
    expect(error.message).toContain('it does not answer with TLS: use the port of an encrypted listener')
  })

  test('a listener that hangs up during the handshake, as Kafka does without TLS', async () => {
    const server = createPlainServer((socket) => void socket.once('data', () => socket.destroy()).on('error', () => {}))
    const { error } = await connectProducer(await portOf(server), {})
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never', retriable: true })
    expect(error.message).toContain('before secure TLS connection was established')
  })
})

describe('fault 80: options that change', () => {
  test('are asked for at every connection', async () => {
    const { port, names } = await listen(localhost)
    const given: TlsOptions[] = [{ ca: stranger.cert }, { ca: authority.cert }]
    const source = (): Promise<TlsOptions> => Promise.resolve(given.shift() ?? { ca: authority.cert })
    const { error } = await connectProducer(port, source)
    expect(error.code).toBe('SSL_AUTHENTICATION_FAILED')
    const producer = new Producer({ bootstrapServers: `localhost:${port}`, securityProtocol: 'SSL', ssl: source })
    await expect(producer.connect({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await producer.close({ timeoutMs: 0 })
    expect(names, 'the second was trusted').toEqual(['localhost'])
  })

  test('and cannot be had fail the connection with the reason', async () => {
    const { port } = await listen(localhost)
    const { error } = await connectProducer(port, () => Promise.reject(new Error('ENOENT: client.pem')))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never' })
    expect(error.message).toContain('ENOENT: client.pem')
  })

  test.each<[string, unknown, RegExp]>([
    ['an older TLS', { minVersion: 'TLSv1' }, /ssl.minVersion must be 'TLSv1.2' or 'TLSv1.3'/],
    ['an option that is not known', { servername: 'x' }, /ssl.servername cannot be set/],
    ['anything but false to turn verification off', { rejectUnauthorized: 0 }, /ssl.rejectUnauthorized must be true/],
    ['nothing', undefined, /ssl must be an object of TLS options/],
  ])('S13, S11: and are wrong fail the connection: %s', async (_name, given, reason) => {
    let accepted = 0
    const port = await portOf(createPlainServer(() => accepted++))
    const { error } = await connectProducer(port, () => unchecked(given))
    expect(error).toMatchObject({ code: 'INVALID_CONFIG', outcome: 'never', retriable: false })
    expect(error.message).toMatch(reason)
    expect(error.message).toContain(`localhost:${port}: the function ssl gave what cannot be used`)
    expect(accepted).toBe(0)
  })

  test('and turn verification off are warned of, once', async () => {
    const { port } = await listen(localhost)
    const warn = vi.fn()
    const nothing = (): void => {}
    const ssl = vi.fn((): TlsOptions => ({ rejectUnauthorized: false }))
    await connectProducer(port, ssl, {
      bootstrapServers: [`localhost:${port}`, `127.0.0.1:${port}`],
      socketConnectionSetupTimeoutMs: 50, // nobody answers
      logger: { debug: nothing, info: nothing, warn, error: nothing },
    })
    expect(ssl.mock.calls.length).toBeGreaterThan(1)
    expect(warn.mock.calls.flat()).toEqual([expect.stringContaining('ssl.rejectUnauthorized is false')])
  })

  test('and come when the connection was given up open none', async () => {
    const accepted: unknown[] = []
    const server = createPlainServer((socket) => {
      open.push(socket)
      accepted.push(socket.remotePort)
    })
    const port = await portOf(server)
    const onClosed = vi.fn()
    const events = { onConnected: () => {}, onData: () => {}, onWritten: () => {}, onClosed }
    const tls = { host: 'localhost', options: () => ({}) }
    new TcpNetwork().connect({ host: '127.0.0.1', port }, events, tls).destroy()
    await vi.waitFor(() => expect(onClosed).toHaveBeenCalledOnce())
    // Connections are accepted in their order: one that was opened stands before the next.
    const next = createPlainConnection(port, '127.0.0.1')
    open.push(next)
    await vi.waitFor(() => expect(accepted).toContain(next.localPort))
    expect(accepted).toEqual([next.localPort])
  })

  test('and never come are given up, and let the process end', async () => {
    const { port } = await listen(localhost)
    const { error } = await connectProducer(port, () => new Promise<TlsOptions>(() => {}), {
      socketConnectionSetupTimeoutMs: 100,
    })
    expect(error.message).toContain('not ready within socketConnectionSetupTimeoutMs (100 ms)')
  })
})

test('fault 81: a certificate that expires under a connection ends none, and stops the next', async () => {
  const server = createServer(localhost, (socket) => {
    open.push(socket)
    socket.on('error', () => {}).on('data', (chunk: Buffer) => socket.write(chunk))
  })
  server.on('tlsClientError', () => {})
  const port = await portOf(server)
  let heard = ''
  let say = (_word: string): void => {}
  await new Promise<void>((resolve, reject) => {
    const events = {
      onConnected: resolve,
      onData: (chunk: Buffer) => void (heard += chunk.toString()),
      onWritten: () => {},
      onClosed: (error: Error | undefined) => reject(error ?? new Error('closed')),
    }
    const tls = { host: 'localhost', options: () => ({ ca: authority.cert }) }
    const socket = new TcpNetwork().connect({ host: '127.0.0.1', port }, events, tls)
    open.push(socket)
    say = (word) => socket.write([Buffer.from(word)])
  })
  const dates = { from: '20200101000000Z', to: '20200201000000Z' }
  server.setSecureContext(authority.sign('localhost', { names: 'DNS:localhost', ...dates }))
  expect(await connect(port, 'localhost', { ca: authority.cert })).toBe('certificate has expired')
  say('still here')
  await vi.waitFor(() => expect(heard).toBe('still here'))
})

test('bytes arrive whole and in order, small and large', async () => {
  const { port, heard } = await listen(localhost)
  const pieces = [Buffer.from('small'), Buffer.alloc(300_000, 1), Buffer.alloc(100_000, 2), Buffer.from('end')]
  await new Promise<void>((resolve, reject) => {
    const socket = new TcpNetwork().connect(
      { host: '127.0.0.1', port },
      {
        onConnected: () => socket.write(pieces),
        onData: () => {},
        onWritten: resolve,
        onClosed: (error) => reject(error ?? new Error('closed')),
      },
      { host: 'localhost', options: () => ({ ca: authority.cert }) },
    )
    open.push(socket)
  })
  await vi.waitFor(() => expect(Buffer.concat(heard).equals(Buffer.concat(pieces))).toBe(true))
})

const OLD_TLS: ServerOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
