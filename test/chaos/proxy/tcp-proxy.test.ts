import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePorts } from '../../real-kafka/free-ports.ts'
import { TcpProxy } from './tcp-proxy.ts'

const HOST = '127.0.0.1'
const ALL = Number.MAX_SAFE_INTEGER

/** One end of a connection, and what has happened to it. */
interface End {
  readonly socket: Socket
  readonly received: () => string
  readonly chunkSizes: readonly number[]
  readonly state: () => 'OPEN' | 'FIN' | 'RESET'
}

let broker: Server
let proxy: TcpProxy
let atBroker: End[]
const clients: Socket[] = []

beforeEach(async () => {
  const [port = 0, brokerPort = 0] = await freePorts(2)
  atBroker = []
  broker = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => atBroker.push(watched(socket)))
  broker.listen(brokerPort, HOST)
  await once(broker, 'listening')
  proxy = await TcpProxy.start({ port, brokerPort, random: () => 0.5 })
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const { socket } of atBroker) socket.destroy()
  await proxy.stop()
  broker.close()
})

describe('a proxy', () => {
  test('passes bytes and the end of both directions on', async () => {
    const { client, server } = await conversation()
    client.socket.end('request')
    await vi.waitFor(() => expect(server.state()).toBe('FIN'))
    expect(server.received()).toBe('request')
    server.socket.end('answer')
    await vi.waitFor(() => expect(client.state()).toBe('FIN'))
    expect(client.received()).toBe('answer')
    await vi.waitFor(() => expect(proxy.connectionCount).toBe(0))
  })

  test('passes more than it may hold, byte for byte', async () => {
    const { client, server } = await conversation()
    const bytes = Buffer.alloc(5_000_000, 'a record and another, ')
    client.socket.end(bytes)
    await vi.waitFor(() => expect(server.state()).toBe('FIN'))
    expect(server.received() === bytes.toString('latin1')).toBe(true)
  })

  test('resets both ends of every connection', async () => {
    const [one, other] = [await conversation(), await conversation()]
    expect(proxy.resetAll()).toBe(2)
    for (const end of [one.client, one.server, other.client, other.server]) {
      await vi.waitFor(() => expect(end.state()).toBe('RESET'))
    }
  })

  test('ends every connection as a peer that closes does', async () => {
    const { client, server } = await conversation()
    expect(proxy.endAll()).toBe(1)
    await vi.waitFor(() => expect([client.state(), server.state()]).toEqual(['FIN', 'FIN']))
  })

  // Node forgets such a socket without closing it, and the process then never ends.
  test('resets a connection whose end still waits for its bytes to leave', async () => {
    const { client, server } = await conversation()
    server.socket.pause()
    client.socket.end(Buffer.alloc(20_000_000))
    await vi.waitFor(() => expect(server.socket.bytesRead).toBeGreaterThan(0))
    proxy.endAll()
    proxy.resetAll()
    await vi.waitFor(() => expect(proxy.connectionCount).toBe(0))
    await vi.waitFor(() => expect(client.socket.destroyed).toBe(true))
  })

  test('refuses new connections and keeps those it has', async () => {
    const { client, server } = await conversation()
    await proxy.refuse()
    await expect(once(open().socket, 'connect')).rejects.toThrow('ECONNREFUSED')
    client.socket.write('still here')
    await vi.waitFor(() => expect(server.received()).toBe('still here'))

    await proxy.clear()
    await conversation()
  })

  test('leaves connections unanswered until it is cleared', async () => {
    await proxy.leaveUnanswered()
    const events: string[] = []
    const { socket } = open()
    for (const name of ['connect', 'error', 'close']) socket.on(name, () => events.push(name))
    await expect(once(socket, 'connect', { signal: AbortSignal.timeout(300) })).rejects.toThrow('aborted')
    expect(events).toEqual([])
    socket.destroy()

    await proxy.clear()
    await conversation()
  })
})

describe('a flow', () => {
  test('that swallows answers lets requests through, and the connection stays without answers', async () => {
    const { client, server } = await conversation()
    proxy.impose({ answers: { name: 'SWALLOWED' } })
    client.socket.write('request')
    await vi.waitFor(() => expect(server.received()).toBe('request'))
    server.socket.write('lost')
    await vi.waitFor(() => expect(proxy.hitCount).toBe(1))

    await proxy.clear()
    server.socket.write('behind the hole')
    client.socket.write(', more')
    await vi.waitFor(() => expect(server.received()).toBe('request, more'))
    expect(client.received()).toBe('')
    expect((await conversation()).client.state()).toBe('OPEN')
  })

  test('that swallows requests swallows their end, and the broker learns of it when the proxy is cleared', async () => {
    const { client, server } = await conversation()
    proxy.impose({ requests: { name: 'SWALLOWED' } })
    client.socket.end('lost')
    await vi.waitFor(() => expect(proxy.hitCount).toBe(1))
    server.socket.write('answer')
    await vi.waitFor(() => expect(client.received()).toBe('answer'))
    expect(server.state()).toBe('OPEN')

    await proxy.clear()
    await vi.waitFor(() => expect(server.state()).toBe('RESET'))
    expect(server.received()).toBe('')
  })

  test('that is held delivers late, although the client has given up', async () => {
    const { client, server } = await conversation()
    proxy.impose({ requests: { name: 'HELD' } })
    client.socket.write('request')
    await vi.waitFor(() => expect(proxy.hitCount).toBe(1))
    client.socket.destroy()
    await once(client.socket, 'close')
    expect(server.received()).toBe('')

    await proxy.clear()
    await vi.waitFor(() => expect(server.state()).toBe('FIN'))
    expect(server.received()).toBe('request')
  })

  test('that is delayed takes its time and keeps the order', async () => {
    const { client, server } = await conversation()
    proxy.impose({ requests: { name: 'DELAYED', latencyMs: 80, jitterMs: 40 } })
    const startedMs = performance.now()
    for (let index = 0; index < 10; index++) client.socket.write(String(index))
    await vi.waitFor(() => expect(server.received()).toBe('0123456789'))
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(99) // 80 ms and half of the jitter, in whole ms
  })

  test('in pieces arrives byte by byte', async () => {
    const { client, server } = await conversation()
    proxy.impose({ answers: { name: 'IN_PIECES', pieceBytes: 1, pauseMs: 5, upToBytes: ALL } })
    server.socket.write('an answer')
    await vi.waitFor(() => expect(client.received()).toBe('an answer'))
    expect(client.chunkSizes.length).toBeGreaterThan(1)
    expect(Math.max(...client.chunkSizes)).toBeLessThan('an answer'.length)
  })

  test('in pieces up to some bytes brings the rest at once', async () => {
    const { client, server } = await conversation()
    proxy.impose({ answers: { name: 'IN_PIECES', pieceBytes: 1, pauseMs: 10, upToBytes: 2 } })
    server.socket.write('ab' + 'c'.repeat(1_000))
    await vi.waitFor(() => expect(client.received()).toHaveLength(1_002))
    expect(client.chunkSizes.at(-1)).toBe(1_000)
  })

  test('through a narrow line takes as long as its bytes need', async () => {
    const { client, server } = await conversation()
    proxy.impose({ requests: { name: 'IN_PIECES', pieceBytes: 1_000, pauseMs: 20, upToBytes: ALL } })
    const startedMs = performance.now()
    client.socket.write(Buffer.alloc(5_000, 'x'))
    await vi.waitFor(() => expect(server.received()).toHaveLength(5_000))
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(79) // four pauses
  })

  test.each([
    ['a reset', 'RESET'],
    ['a FIN', 'FIN'],
  ] as const)('that is cut behind its third byte ends there by %s', async (_, by) => {
    const { client, server } = await conversation()
    proxy.impose({ answers: { name: 'CUT', afterBytes: 3, by } })
    server.socket.write('answer')
    await vi.waitFor(() => expect(client.state()).toBe(by))
    // A reset may overtake what was delivered before it.
    expect('ans'.startsWith(client.received())).toBe(true)
    if (by === 'FIN') expect(client.received()).toBe('ans')
  })

  test('goes on where it stood when it changes', async () => {
    const { client, server } = await conversation()
    proxy.impose({ requests: { name: 'IN_PIECES', pieceBytes: 1, pauseMs: 60_000, upToBytes: ALL } })
    client.socket.end('request')
    await vi.waitFor(() => expect(server.received()).toBe('r'))
    await proxy.clear()
    await vi.waitFor(() => expect(server.state()).toBe('FIN'))
    expect(server.received()).toBe('request')
  })
})

/** A connection through the proxy, both of its ends open. */
async function conversation(): Promise<{ client: End; server: End }> {
  const before = atBroker.length
  const client = open()
  await once(client.socket, 'connect')
  await vi.waitFor(() => expect(atBroker.length).toBe(before + 1))
  const server = atBroker.at(-1)
  if (server === undefined) throw new Error('nobody came through')
  return { client, server }
}

function open(): End {
  const socket = connect({ port: proxy.port, host: HOST, allowHalfOpen: true, noDelay: true })
  clients.push(socket)
  return watched(socket)
}

function watched(socket: Socket): End {
  const chunks: Buffer[] = []
  let state: 'OPEN' | 'FIN' | 'RESET' = 'OPEN'
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => {
    state = 'FIN'
  })
  socket.on('error', () => {
    state = 'RESET'
  })
  return {
    socket,
    received: () => Buffer.concat(chunks).toString('latin1'),
    get chunkSizes() {
      return chunks.map(({ length }) => length)
    },
    state: () => state,
  }
}
