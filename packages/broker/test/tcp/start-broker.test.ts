import {
  codecFor,
  decodeResponseFrame,
  encodeRequestFrame,
  fetch,
  FrameReader,
  metadata,
  produce,
} from '@linger/protocol'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type RunningBroker, startBroker, type StartBrokerOptions } from '../../src/index.ts'
import { recordBatch } from '../record-batch.ts'

const running: RunningBroker[] = []
const logged: string[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((broker) => broker.close()))
  logged.length = 0
})

async function start(options: StartBrokerOptions = {}): Promise<RunningBroker> {
  const broker = await startBroker({
    topics: [{ name: 't', partitions: 1 }],
    log: (message) => logged.push(message),
    ...options,
  })
  running.push(broker)
  return broker
}

async function connected(broker: RunningBroker): Promise<Socket> {
  const socket = connect(broker.port, broker.host)
  socket.on('error', () => {}) // what matters is that it closes
  await once(socket, 'connect')
  return socket
}

/** The first `count` response frames, without their sizes. */
function responses(socket: Socket, count: number): Promise<Buffer[]> {
  const reader = new FrameReader()
  const frames: Buffer[] = []
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk, (frame) => frames.push(Buffer.from(frame)))
      if (frames.length >= count) resolve(frames)
    })
    socket.on('close', () => reject(new Error(`closed after ${frames.length} of ${count} responses`)))
  })
}

/** Unlike `once`, it does not take a reset for a failure: that is one way in which a broker ends a connection. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
  })
}

function metadataFrame(correlationId: number): Uint8Array {
  return encodeRequestFrame(codecFor(metadata, 12), correlationId, 'test', { topics: [{ name: 't' }] })
}

function produceFrame(correlationId: number, records: Uint8Array, acks = -1): Uint8Array {
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
  return encodeRequestFrame(codecFor(produce, 12), correlationId, 'test', { acks, timeoutMs: 1000, topicData })
}

function fetchFrame(correlationId: number, fetchOffset: bigint, maxWaitMs: number): Uint8Array {
  const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 100_000_000 }] }]
  return encodeRequestFrame(codecFor(fetch, 12), correlationId, 'test', { maxWaitMs, minBytes: 1, topics })
}

describe('a broker on a port', () => {
  test('names the port it was given in its metadata', async () => {
    const broker = await start()
    const socket = await connected(broker)
    socket.write(metadataFrame(1))
    const [frame] = await responses(socket, 1)
    const { response } = decodeResponseFrame(codecFor(metadata, 12), frame ?? Buffer.alloc(0))
    expect(response.brokers).toMatchObject([{ nodeId: 1, host: '127.0.0.1', port: broker.port }])
    expect(broker.bootstrapServers).toBe(`127.0.0.1:${broker.port}`)
  })

  test('on an IPv6 address has it in brackets in bootstrapServers, and without them in its metadata', async () => {
    const broker = await start({ host: '::1' })
    expect(broker.bootstrapServers).toBe(`[::1]:${broker.port}`)
    const socket = await connected(broker)
    socket.write(metadataFrame(1))
    const [frame] = await responses(socket, 1)
    const { response } = decodeResponseFrame(codecFor(metadata, 12), frame ?? Buffer.alloc(0))
    expect(response.brokers).toMatchObject([{ host: '::1', port: broker.port }])
  })

  test('answers requests in order, wherever the stream is cut', async () => {
    const broker = await start()
    const stream = Buffer.concat([metadataFrame(1), produceFrame(2, recordBatch()), metadataFrame(3)])
    for (let cut = 1; cut < stream.length; cut++) {
      const socket = await connected(broker)
      socket.setNoDelay(true)
      socket.write(stream.subarray(0, cut))
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      socket.write(stream.subarray(cut))
      const frames = await responses(socket, 3)
      expect(
        frames.map((frame) => frame.readInt32BE(0)),
        `cut at ${cut}`,
      ).toEqual([1, 2, 3])
    }
    expect(broker.broker.cluster.topicNamed('t')?.partitions[0]?.log.endOffset).toBe(stream.length - 1)
  })

  test('a request waits for the fetch before it, and another client’s records end that wait', async () => {
    const broker = await start()
    const [reader, writer] = [await connected(broker), await connected(broker)]
    reader.write(Buffer.concat([fetchFrame(1, 0n, 30_000), metadataFrame(2)]))
    writer.write(produceFrame(3, recordBatch()))
    const frames = await responses(reader, 2)
    expect(frames.map((frame) => frame.readInt32BE(0))).toEqual([1, 2])
  })

  test('a request of 4 MiB is taken, and read back by a client that is slow to read', async () => {
    const broker = await start({
      topics: [{ name: 't', partitions: 1, config: { 'max.message.bytes': '100000000' } }],
    })
    const batch = recordBatch({ records: [{ value: 'x'.repeat(4 * 1024 * 1024) }] })
    const socket = await connected(broker)
    socket.write(Buffer.concat([produceFrame(1, batch), fetchFrame(2, 0n, 0), fetchFrame(3, 0n, 0), metadataFrame(4)]))
    const frames = await responses(socket, 4)
    expect(frames.map((frame) => frame.readInt32BE(0))).toEqual([1, 2, 3, 4])
    const { response } = decodeResponseFrame(codecFor(fetch, 12), frames[1] ?? Buffer.alloc(0))
    const records = Buffer.from(response.responses[0]?.partitions[0]?.records ?? [])
    expect(records.subarray(21).equals(batch.subarray(21))).toBe(true)
  })

  test('close drops clients and frees the port', async () => {
    const broker = await start()
    const socket = await connected(broker)
    socket.write(fetchFrame(1, 0n, 30_000))
    const closed = closing(socket)
    socket.resume()
    await broker.close()
    await closed
    await start({ port: broker.port })
  })

  test('a port that is taken is an error', async () => {
    const { port } = await start()
    await expect(startBroker({ port })).rejects.toThrow('EADDRINUSE')
  })
})

describe('a client that does not speak Kafka is dropped, with a reason, and harms nobody', () => {
  test.each<[string, Uint8Array, string]>([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), 'frame size'],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex'), 'frame size'],
    ['a negative size', Buffer.from('ffffffff', 'hex'), 'frame size -1'],
    ['a frame that is too large', Buffer.from('00010001', 'hex'), 'frame size 65537'],
    ['an empty frame', Buffer.from('00000000', 'hex'), 'wanted'],
    ['a cut header', Buffer.from('000000020003', 'hex'), 'wanted'],
    ['an unknown API', Buffer.from('0000000a03e7000000000001ffff', 'hex'), 'API 999'],
    ['an unknown version', Buffer.from('0000000a00000063 00000001ffff'.replace(' ', ''), 'hex'), 'version 99'],
    [
      'a garbled body',
      Buffer.concat([Buffer.from('0000000e0003000400000001ffff', 'hex'), Buffer.from('7fffffff', 'hex')]),
      '',
    ],
    ['acks=0 with a wrong batch', produceFrame(1, recordBatch({ crc: 1 }), 0), 'acks=0'],
  ])('%s', async (_, bytes, reason) => {
    const broker = await start({ maxRequestBytes: 65_536 })
    const socket = await connected(broker)
    socket.resume()
    const closed = closing(socket)
    socket.write(bytes)
    await closed
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain(reason)

    const other = await connected(broker)
    other.write(metadataFrame(9))
    expect((await responses(other, 1))[0]?.readInt32BE(0)).toBe(9)
  })
})

// librdkafka 2.15 sends Metadata 13 with three of them, and a real Kafka answers.
test('bytes behind a request are passed over', async () => {
  const socket = await connected(await start())
  socket.write(Buffer.from('0000001000030004 00000001ffff ffffffff 01ff'.replaceAll(' ', ''), 'hex'))
  expect((await responses(socket, 1))[0]?.readInt32BE(0)).toBe(1)
})
