import { codecFor, encodeRequestFrame, FrameReader, metadata } from '@linger/protocol'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type RunningCluster, startCluster, type StartClusterOptions } from '../../src/index.ts'

const running: RunningCluster[] = []
const sockets: Socket[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(running.splice(0).map((cluster) => cluster.close()))
})

async function start(options: StartClusterOptions = {}): Promise<RunningCluster> {
  const topics = [{ name: 't', partitions: 3, replicationFactor: 3 }]
  const cluster = await startCluster({ topics, ...options })
  running.push(cluster)
  return cluster
}

function addressOf(cluster: RunningCluster, nodeId: number): { host: string; port: number } {
  const [host = '', port = ''] = cluster.bootstrapServers.split(',')[nodeId - 1]?.split(':') ?? []
  return { host, port: Number(port) }
}

async function connected(cluster: RunningCluster, nodeId: number): Promise<Socket> {
  const socket = connect(addressOf(cluster, nodeId))
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

async function isRefused(cluster: RunningCluster, nodeId: number): Promise<boolean> {
  return connected(cluster, nodeId).then(
    () => false,
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED',
  )
}

function metadataFrame(correlationId: number): Uint8Array {
  return encodeRequestFrame(codecFor(metadata, 12), correlationId, 'test', { topics: [{ name: 't' }] })
}

/** The next answer on a socket. */
function answer(socket: Socket): Promise<Buffer> {
  const frames = new FrameReader()
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => frames.push(chunk, (frame) => resolve(Buffer.from(frame))))
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
}

/** The broker takes a connection and answers on it. */
async function expectAnswer(cluster: RunningCluster, nodeId: number): Promise<void> {
  const socket = await connected(cluster, nodeId)
  socket.write(metadataFrame(7))
  expect((await answer(socket)).readInt32BE(0)).toBe(7)
}

/** How a connection ends: the code of its error, or 'end'. */
function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    socket.once('close', () => resolve('end'))
    socket.resume()
  })
}

describe('a cluster on ports', () => {
  test('has as many brokers as asked for, each with its port', async () => {
    const cluster = await start({ brokers: 3 })
    const ports = [1, 2, 3].map((nodeId) => addressOf(cluster, nodeId).port)
    expect(new Set(ports).size).toBe(3)
    expect(cluster.cluster.nodes.map(({ port }) => port)).toEqual(ports)
    for (const nodeId of [1, 2, 3]) {
      const socket = await connected(cluster, nodeId)
      socket.write(metadataFrame(nodeId))
      expect((await answer(socket)).readInt32BE(0)).toBe(nodeId)
    }
  })

  test('a killed broker resets its connections and refuses new ones, until it is restarted on its port', async () => {
    const cluster = await start()
    const socket = await connected(cluster, 1)
    const ended = ending(socket)
    const address = addressOf(cluster, 1)
    cluster.kill(1)
    expect(await ended).toBe('ECONNRESET')
    expect(await isRefused(cluster, 1)).toBe(true)
    expect(cluster.cluster.partition('t', 0).leaderId).toBe(2)
    await cluster.restart(1)
    expect(addressOf(cluster, 1)).toEqual(address)
    await expectAnswer(cluster, 1)
  })

  test('a broker whose port is taken when it is restarted is there after the next restart', async () => {
    const cluster = await start({ brokers: 1, topics: [] })
    const { host, port } = addressOf(cluster, 1)
    cluster.kill(1)
    expect(await isRefused(cluster, 1)).toBe(true)
    const other = createServer().listen(port, host)
    await once(other, 'listening')
    await expect(cluster.restart(1)).rejects.toThrow('EADDRINUSE')
    await new Promise((resolve) => {
      other.close(resolve)
    })
    await cluster.restart(1)
    await expectAnswer(cluster, 1)
  })

  test('a broker that is shut down ends its connections in order, and refuses new ones until it is restarted', async () => {
    const cluster = await start()
    const ended = ending(await connected(cluster, 1))
    cluster.shutDown(1)
    expect(await ended).toBe('end')
    expect(await isRefused(cluster, 1)).toBe(true)
    expect(cluster.cluster.partition('t', 0).leaderId).toBe(2)
    await cluster.restart(1)
    await expectAnswer(cluster, 1)
  })

  test('a paused broker accepts and answers nothing, until it is resumed', async () => {
    const cluster = await start()
    const before = await connected(cluster, 2)
    cluster.pause(2)
    const during = await connected(cluster, 2)
    const answers = [before, during].map(answer)
    for (const socket of [before, during]) socket.write(metadataFrame(5))
    // Another broker is asked in between: what comes from it is later than anything that was sent before.
    const other = await connected(cluster, 1)
    other.write(metadataFrame(1))
    await answer(other)
    expect([before.bytesRead, during.bytesRead]).toEqual([0, 0])
    cluster.resume(2)
    for (const frame of await Promise.all(answers)) expect(frame.readInt32BE(0)).toBe(5)
  })

  test('a broker that refuses connections keeps those it has', async () => {
    const cluster = await start()
    const socket = await connected(cluster, 3)
    cluster.refuseConnections(3)
    expect(await isRefused(cluster, 3)).toBe(true)
    socket.write(metadataFrame(3))
    expect((await answer(socket)).readInt32BE(0)).toBe(3)
    await cluster.acceptConnections(3)
    expect(await isRefused(cluster, 3)).toBe(false)
  })

  test('faults end connections as TCP does: closed, reset, or cut inside an answer', async () => {
    const cluster = await start({ brokers: 1, topics: [] })
    cluster.faults.push({ api: 'Metadata' }, { kind: 'close' }, { kind: 'reset' }, { kind: 'cut', afterBytes: 6 })
    const endings: [string, number][] = []
    for (let count = 0; count < 3; count++) {
      const socket = await connected(cluster, 1)
      const ended = ending(socket)
      socket.write(metadataFrame(1))
      endings.push([await ended, socket.bytesRead])
    }
    expect(endings).toEqual([
      ['end', 0],
      ['ECONNRESET', 0],
      ['end', 6],
    ])
  })

  test('remembers requests when asked to', async () => {
    const cluster = await start({ brokers: 1, topics: [], requestLog: { count: 5 } })
    const socket = await connected(cluster, 1)
    socket.write(metadataFrame(1))
    await answer(socket)
    expect(cluster.requests.of(metadata)).toMatchObject([{ clientId: 'test', request: { topics: [{ name: 't' }] } }])
  })

  test('leaders move', async () => {
    const cluster = await start()
    cluster.moveLeader('t', 0, 3)
    expect(cluster.cluster.partition('t', 0)).toMatchObject({ leaderId: 3, leaderEpoch: 1 })
  })

  test('frees its ports when a topic cannot be made', async () => {
    const topics = [{ name: 'a b', partitions: 1 }]
    await expect(startCluster({ brokers: 1, topics })).rejects.toThrow('illegal')
  })

  test.each<[string, (cluster: RunningCluster) => void]>([
    ['to notice an outage', (cluster) => cluster.kill(1, { noticedAfterMs: 60_000 })],
    ['for a broker to hear of what has changed', (cluster) => cluster.resume(1, { staleForMs: 60_000 })],
    ['for a coordinator to load', (cluster) => cluster.moveCoordinator('id', 1, { loadingForMs: 60_000 })],
  ])('keeps no process alive %s after close()', async (_what, wait) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const cluster = await start()
    wait(cluster)
    expect(vi.getTimerCount()).toBe(1)
    await cluster.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('names a broker that is not there', async () => {
    const cluster = await start({ brokers: 1, topics: [] })
    expect(() => cluster.kill(2)).toThrow('there is no broker 2')
  })
})
