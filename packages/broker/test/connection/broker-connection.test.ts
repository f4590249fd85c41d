import { codecFor, encodeRequestFrame, fetch, metadata, produce } from '@linger/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { BrokerConnection, ClientEnd } from '../../src/index.ts'
import { recordBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

/** A client's end that notes what is done to it. */
class NotingClient implements ClientEnd {
  readonly done: string[] = []
  readonly correlationIds: number[] = []
  isReading = true

  write(bytes: Uint8Array): boolean {
    this.correlationIds.push(bytes.length < 8 ? -bytes.length : Buffer.from(bytes).readInt32BE(4))
    return true
  }

  close(): void {
    this.done.push('close')
  }

  reset(): void {
    this.done.push('reset')
  }

  pause(): void {
    this.isReading = false
  }

  resume(): void {
    this.isReading = true
  }
}

function metadataFrame(correlationId: number): Buffer {
  return Buffer.from(encodeRequestFrame(codecFor(metadata, 12), correlationId, null, { topics: [] }))
}

function produceFrame(correlationId: number, acks: number): Buffer {
  const topicData = [{ name: 't', partitionData: [{ index: 0, records: recordBatch() }] }]
  return Buffer.from(
    encodeRequestFrame(codecFor(produce, 12), correlationId, null, { acks, timeoutMs: 1000, topicData }),
  )
}

let broker: TestClient
let client: NotingClient
let connection: BrokerConnection
let logged: string[]

beforeEach(() => {
  broker = new TestClient()
  broker.cluster.createTopic({ name: 't', partitions: 1 })
  client = new NotingClient()
  logged = []
  connection = accept(client)
})

function accept(end: ClientEnd): BrokerConnection {
  return broker.broker.accept(end, { maxRequestBytes: 10_000, log: (message) => logged.push(message) })
}

describe('a connection', () => {
  test('answers what comes in any pieces, in order', () => {
    const bytes = Buffer.concat([1, 2, 3].map(metadataFrame))
    for (const byte of bytes) connection.receive(Buffer.of(byte))
    expect(client.correlationIds).toEqual([1, 2, 3])
  })

  test('holds back the answers behind one that waits', () => {
    broker.cluster.faults.push({ api: 'Metadata' }, { kind: 'delay', delayMs: 100 })
    connection.receive(Buffer.concat([1, 2].map(metadataFrame)))
    expect(client.correlationIds).toEqual([])
    expect(client.isReading).toBe(false)
    broker.ports.pass(100)
    expect(client.correlationIds).toEqual([1, 2])
    expect(client.isReading).toBe(true)
  })

  test('reads nothing while the client is to pause, acks=0 or not', () => {
    broker.cluster.faults.push({ api: 'Produce' }, ...throttles(100, 50))
    connection.receive(Buffer.concat([produceFrame(1, -1), metadataFrame(2), produceFrame(3, 0), metadataFrame(4)]))
    expect([client.correlationIds, client.isReading]).toEqual([[1], false])
    broker.ports.pass(99)
    expect(client.correlationIds).toEqual([1])
    broker.ports.pass(1)
    expect([client.correlationIds, client.isReading]).toEqual([[1, 2], false])
    broker.ports.pass(50)
    expect([client.correlationIds, client.isReading]).toEqual([[1, 2, 4], true])
    expect(broker.cluster.partition('t', 0).log.endOffset).toBe(2)
  })

  test('that hangs serves nothing any more, and others go on', () => {
    broker.cluster.faults.push({ api: 'Metadata' }, { kind: 'hang' })
    connection.receive(Buffer.concat([1, 2].map(metadataFrame)))
    broker.ports.pass(1_000_000)
    expect([client.correlationIds, client.done]).toEqual([[], []])
    const other = new NotingClient()
    accept(other).receive(metadataFrame(3))
    expect(other.correlationIds).toEqual([3])
  })

  test('goes on behind an answer that was dropped', () => {
    broker.cluster.faults.push({ api: 'Metadata' }, { kind: 'drop' })
    connection.receive(Buffer.concat([1, 2].map(metadataFrame)))
    expect(client.correlationIds).toEqual([2])
  })

  test('ends after the bytes of a cut answer', () => {
    broker.cluster.faults.push({ api: 'Metadata' }, { kind: 'cut', afterBytes: 5 })
    connection.receive(Buffer.concat([1, 2].map(metadataFrame)))
    expect([client.correlationIds, client.done]).toEqual([[-5], ['close']])
  })

  test.each(['close', 'reset'] as const)('ends by %s, and nothing more is answered', (kind) => {
    broker.cluster.faults.push({ api: 'Metadata' }, { kind })
    connection.receive(Buffer.concat([1, 2].map(metadataFrame)))
    connection.receive(metadataFrame(3))
    expect([client.correlationIds, client.done]).toEqual([[], [kind]])
    expect(broker.broker.connectionCount).toBe(0)
  })

  test('with a frame that is too large is closed, and says so', () => {
    connection.receive(Buffer.from('7fffffff00', 'hex'))
    expect(client.done).toEqual(['close'])
    expect(logged[0]).toContain('frame size 2147483647')
  })
})

describe('a process that stands still', () => {
  test('reads and answers nothing, and all of it once it goes on', () => {
    broker.broker.pause()
    connection.receive(metadataFrame(1))
    expect([client.correlationIds, client.isReading]).toEqual([[], false])
    const late = new NotingClient()
    const lateConnection = accept(late)
    lateConnection.receive(metadataFrame(9))
    expect(late).toMatchObject({ correlationIds: [], isReading: false, done: [] })
    broker.broker.resume()
    expect([client.correlationIds, client.isReading]).toEqual([[1], true])
    expect(late.correlationIds).toEqual([9])
  })

  test('keeps an answer that came meanwhile', () => {
    broker.cluster.faults.push({ api: 'Metadata' }, { kind: 'delay', delayMs: 100 })
    connection.receive(metadataFrame(1))
    broker.broker.pause()
    broker.ports.pass(100)
    expect(client.correlationIds).toEqual([])
    broker.broker.resume()
    expect(client.correlationIds).toEqual([1])
  })

  test('that is killed resets its clients, and those that come later', () => {
    broker.broker.pause()
    broker.broker.kill()
    const late = new NotingClient()
    accept(late)
    expect([client.done, late.done]).toEqual([['reset'], ['reset']])
    expect(broker.broker.process).toBe('dead')
    expect(broker.broker.connectionCount).toBe(0)
  })
})

describe('a client that leaves', () => {
  test('ends its waiting fetch, its delayed answer and its pause', () => {
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }]
    const wait = { maxWaitMs: 60_000, minBytes: 1, topics: [{ topic: 't', partitions }] }
    connection.receive(Buffer.from(encodeRequestFrame(codecFor(fetch, 12), 1, null, wait)))
    broker.cluster.faults.push({ api: 'Metadata' }, { kind: 'delay', delayMs: 100 })
    const delayed = accept(new NotingClient())
    delayed.receive(metadataFrame(1))
    broker.cluster.faults.push({ api: 'Metadata' }, ...throttles(100))
    const paused = accept(new NotingClient())
    paused.receive(metadataFrame(1))
    expect(broker.ports.timerCount).toBe(3)
    for (const one of [connection, delayed, paused]) one.onClosed()
    expect(broker.ports.timerCount).toBe(0)
    expect(broker.broker.connectionCount).toBe(0)
  })
})

function throttles(...timesMs: readonly number[]) {
  return timesMs.map((throttleTimeMs) => ({ kind: 'throttle', throttleTimeMs }) as const)
}
