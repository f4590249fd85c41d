import { once } from 'node:events'
import type { Server, Socket as PeerSocket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { TcpNetwork } from '../../../src/ports/node/tcp-network.ts'
import type { Address, Socket } from '../../../src/ports/network.ts'
import { listenOnLoopback, loopTurn } from './loopback-server.ts'

const open: { destroy(): void }[] = []
const servers: Server[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** What a socket told, in order, and a way to wait for the next word. */
class Story {
  readonly words: string[] = []
  received: Buffer = Buffer.alloc(0)
  error: Error | undefined
  #wake: () => void = () => {}

  add(word: string): void {
    this.words.push(word)
    this.#wake()
  }

  async until(isTold: () => boolean): Promise<void> {
    while (!isTold()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  async has(word: string): Promise<void> {
    await this.until(() => this.words.includes(word))
  }
}

function connect(address: Address): { socket: Socket; story: Story } {
  const story = new Story()
  const socket = new TcpNetwork().connect(address, {
    onConnected: () => story.add('connected'),
    onData: (chunk) => {
      story.received = Buffer.concat([story.received, chunk])
      story.add('data')
    },
    onWritten: () => story.add('written'),
    onClosed: (error) => {
      story.error = error
      story.add('closed')
    },
  })
  open.push(socket)
  return { socket, story }
}

async function listen(onPeer: (peer: PeerSocket) => void): Promise<Address> {
  const { server, address } = await listenOnLoopback((peer) => {
    open.push(peer)
    peer.on('error', () => {})
    onPeer(peer)
  })
  servers.push(server)
  return address
}

/** A port that nobody listens on. */
async function deadPort(): Promise<Address> {
  const address = await listen(() => {})
  const server = servers.pop()
  server?.close()
  if (server !== undefined) await once(server, 'close')
  return address
}

describe('a connection', () => {
  test('is announced after the call, carries bytes both ways, and ends once', async () => {
    const { socket, story } = connect(await listen((peer) => peer.pipe(peer)))
    expect(story.words).toEqual([])
    await story.has('connected')
    socket.write([Buffer.from('a'), Buffer.from('bc')])
    await story.until(() => story.received.length === 3)
    expect(story.received.toString()).toBe('abc')
    socket.destroy()
    await story.has('closed')
    expect(story.words.filter((word) => word === 'closed')).toHaveLength(1)
    expect(story.error).toBeUndefined()
  })

  test.each([
    ['small', [1, 2, 3]],
    ['just too large to be joined', [4096, 1]],
    ['large', [100_000, 0, 5_000_000, 7]],
  ])('hands over several %s buffers whole and in order, and says once that they have left', async (_name, sizes) => {
    let received = Buffer.alloc(0)
    const chunks: Buffer[] = []
    const { socket, story } = connect(await listen((peer) => peer.on('data', (chunk) => chunks.push(chunk))))
    await story.has('connected')
    const buffers = sizes.map((size, i) => Buffer.alloc(size, i + 1))
    socket.write(buffers)
    await story.has('written')
    socket.write([Buffer.from('end')])
    await story.until(() => story.words.filter((word) => word === 'written').length === 2)
    const wanted = Buffer.concat([...buffers, Buffer.from('end')])
    while ((received = Buffer.concat(chunks)).length < wanted.length) {
      await loopTurn()
    }
    expect(received.equals(wanted)).toBe(true)
    expect(story.words).toEqual(['connected', 'written', 'written'])
  })

  test('gives each chunk bytes of its own length, whatever came before', async () => {
    const { story } = connect(await listen((peer) => peer.write('x'.repeat(1000), () => peer.write('yz'))))
    await story.until(() => story.received.length === 1002)
    expect(story.received.toString()).toBe(`${'x'.repeat(1000)}yz`)
  })
})

describe('fault 1, fault 76: a connection that cannot be made ends with its error, later and once', () => {
  test('when nobody listens', async () => {
    const { story } = connect(await deadPort())
    expect(story.words).toEqual([])
    await story.has('closed')
    expect(story.error?.message).toContain('ECONNREFUSED')
    expect(story.words).toEqual(['closed'])
  })

  test.each([70_000, -1])('when the port is %i, as a broker may well say', async (port) => {
    const { story } = connect({ host: '127.0.0.1', port })
    expect(story.words).toEqual([])
    await story.has('closed')
    expect(story.error?.message).toMatch(/port/i)
    expect(story.words).toEqual(['closed'])
  })
})

describe('fault 6: the far end goes', () => {
  test('with FIN: the connection ends without an error', async () => {
    const { story } = connect(await listen((peer) => peer.end('bye')))
    await story.has('closed')
    expect(story.received.toString()).toBe('bye')
    expect(story.error).toBeUndefined()
  })

  test('with RST: the connection ends with the error', async () => {
    const { story } = connect(await listen((peer) => peer.resetAndDestroy()))
    await story.has('closed')
    expect(story.error?.message).toContain('ECONNRESET')
  })

  test('with a write under way: that is never said to have left', async () => {
    const { socket, story } = connect(await listen((peer) => peer.pause()))
    await story.has('connected')
    socket.write([Buffer.alloc(50_000_000)])
    const [, peer] = open
    peer?.destroy()
    await story.has('closed')
    expect(story.words).toEqual(['connected', 'closed'])
  })
})

describe('fault 14: a peer that does not read', () => {
  test('keeps the bytes in the socket until it does', async () => {
    const readers: PeerSocket[] = []
    const { socket, story } = connect(
      await listen((peer) => {
        peer.pause()
        readers.push(peer)
      }),
    )
    await story.has('connected')
    socket.write([Buffer.alloc(50_000_000)])
    // The far end has opened, and some turns of the event loop later nothing more has gone.
    while (readers.length === 0) await loopTurn()
    for (let turn = 0; turn < 20; turn++) await loopTurn()
    expect(story.words).toEqual(['connected'])
    for (const reader of readers) reader.resume()
    await story.has('written')
  })
})

describe('fault 15: after the end', () => {
  test('a connection that was given up while it came up is never announced', async () => {
    const { socket, story } = connect(await listen(() => {}))
    socket.destroy()
    socket.destroy()
    await story.has('closed')
    expect(story.words).toEqual(['closed'])
  })

  test('bytes that come behind it are not delivered, and a second end is nothing', async () => {
    const { socket, story } = connect(await listen((peer) => peer.write('first')))
    await story.has('data')
    const told = story.words.length
    socket.destroy()
    socket.destroy()
    await story.has('closed')
    for (let turn = 0; turn < 20; turn++) await loopTurn()
    expect(story.words.slice(told)).toEqual(['closed'])
  })
})
