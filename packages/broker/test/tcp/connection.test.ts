import { codecFor, encodeRequestFrame, fetch, metadata } from '@linger/protocol'
import { once } from 'node:events'
import { connect as connectTo, createServer } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { clientEnd, serve } from '../../src/tcp/connection.ts'
import { TestClient } from '../test-client.ts'

/** A client's end of a connection that reads only when told to. */
class SlowClient extends Duplex {
  readonly correlationIds: number[] = []
  #done: (() => void) | undefined

  constructor() {
    super({ writableHighWaterMark: 1 })
  }

  override _read(): void {}

  override _write(frame: Buffer, _: BufferEncoding, done: () => void): void {
    this.correlationIds.push(frame.readInt32BE(4))
    this.#done = done
  }

  /** Reads what it was sent, and lets the broker notice. */
  async readAnswer(): Promise<void> {
    this.#done?.()
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }

  async send(...frames: readonly Uint8Array[]): Promise<void> {
    this.push(Buffer.concat(frames))
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function metadataFrame(correlationId: number): Uint8Array {
  return encodeRequestFrame(codecFor(metadata, 12), correlationId, null, { topics: [] })
}

function connect(client: TestClient): SlowClient {
  const socket = new SlowClient()
  serve(socket, client.broker, { maxRequestBytes: 1000, log: () => {} })
  return socket
}

describe('Connection', () => {
  test('a client that does not read its answers gets no more of them, and all once it does', async () => {
    const socket = connect(new TestClient())
    await socket.send(metadataFrame(1), metadataFrame(2), metadataFrame(3))
    expect(socket.correlationIds).toEqual([1])
    expect(socket.isPaused()).toBe(true)
    await socket.readAnswer()
    expect(socket.correlationIds).toEqual([1, 2])
    await socket.readAnswer()
    await socket.readAnswer()
    expect(socket.correlationIds).toEqual([1, 2, 3])
    expect(socket.isPaused()).toBe(false)
  })

  test('a client that leaves ends its waiting fetch', async () => {
    const client = new TestClient()
    client.cluster.createTopic({ name: 't', partitions: 1 })
    const socket = connect(client)
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }]
    const request = { maxWaitMs: 60_000, minBytes: 1, topics: [{ topic: 't', partitions }] }
    await socket.send(encodeRequestFrame(codecFor(fetch, 12), 1, null, request))
    expect(client.ports.timerCount).toBe(1)
    socket.destroy()
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    expect(client.ports.timerCount).toBe(0)
  })
})

test('a connection is gone for the client too when it is reset while its end waits for bytes to leave', async () => {
  const server = createServer((socket) => {
    const end = clientEnd(socket)
    end.write(Buffer.alloc(20_000_000))
    end.close()
    setImmediate(() => end.reset())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const client = connectTo(address.port, '127.0.0.1').on('error', () => {})
  client.resume()
  await once(client, 'close')
  await vi.waitFor(
    () =>
      new Promise<void>((resolve, reject) =>
        server.getConnections((error, count) => (count === 0 ? resolve() : reject(error ?? new Error('still there')))),
      ),
  )
  server.close()
})
