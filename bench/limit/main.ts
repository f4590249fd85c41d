import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { codecFor, crc32c, decodeResponseFrame, FrameReader, produce } from '@linger/protocol'
import { runDriver } from '../clients/driver.ts'

// The budget of the real engine: its hot path and nothing else, in one file. Records are appended into pooled
// buffers, a batch gets its checksum, the batches of all idle partitions leave in one writev, and the answer runs a
// callback per record. No metadata, no retries, no idempotence, no options, no memory accounting: one broker that
// leads everything, and it stops at the first error.

const BUFFER_BYTES_MAX = 256 * 1024
const HEADER_BYTES = 61
const PRODUCE_VERSION = 9
const REQUESTS_IN_FLIGHT = 5

type Done = (error: Error | null) => void

class Batch {
  readonly bytes: Buffer
  length = HEADER_BYTES
  count = 0
  callbacks: Done[] = []
  timestamp = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** False when the record does not fit. */
  append(value: Uint8Array, done: Done): boolean {
    const { bytes } = this
    const offsetDelta = this.count
    const bodyBytes = 4 + sizeOf(offsetDelta << 1) + sizeOf(value.length << 1) + value.length
    let at = this.length
    if (at + 5 + bodyBytes > bytes.length) return false
    at = varint(bytes, at, bodyBytes << 1)
    bytes[at++] = 0 // attributes
    bytes[at++] = 0 // timestamp delta
    at = varint(bytes, at, offsetDelta << 1)
    bytes[at++] = 1 // no key
    at = varint(bytes, at, value.length << 1)
    bytes.set(value, at)
    at += value.length
    bytes[at++] = 0 // no headers
    this.length = at
    this.count = offsetDelta + 1
    this.callbacks.push(done)
    return true
  }

  seal(): Buffer {
    const { bytes } = this
    bytes.fill(0, 0, HEADER_BYTES)
    bytes.writeInt32BE(this.length - 12, 8)
    bytes.writeInt32BE(-1, 12)
    bytes[16] = 2
    bytes.writeInt32BE(this.count - 1, 23)
    bytes.writeBigInt64BE(BigInt(this.timestamp), 27)
    bytes.writeBigInt64BE(BigInt(this.timestamp), 35)
    bytes.fill(0xff, 43, 57) // no producer id, epoch, sequence
    bytes.writeInt32BE(this.count, 57)
    bytes.writeUInt32BE(crc32c(bytes.subarray(21, this.length)), 17)
    return bytes.subarray(0, this.length)
  }
}

interface Partition {
  open: Batch | undefined
  readonly full: Batch[]
  isInFlight: boolean
}

await runDriver(async (workload) => {
  // tidy: one closure over everything, so that nothing stands between the loop and the bytes
  const partitions: Partition[] = Array.from({ length: workload.partitions }, () => ({
    open: undefined,
    full: [],
    isInFlight: false,
  }))
  // Of many partitions each has an open batch, and one in flight.
  const bufferBytes = Math.floor(Math.min(BUFFER_BYTES_MAX, workload.bufferMemory / (2 * workload.partitions)))
  const buffers = Math.floor(workload.bufferMemory / bufferBytes)
  const pool = Array.from({ length: buffers }, () => new Batch(Buffer.allocUnsafeSlow(bufferBytes)))
  const inFlight: { partition: Partition; batch: Batch }[][] = []
  const value = Buffer.alloc(workload.valueBytes, 'x')
  const frames = new FrameReader()
  const codec = codecFor(produce, PRODUCE_VERSION)
  const socket = await connected(workload.bootstrapServers)
  let isWriting = false
  let isScheduled = false
  let onRoom: (() => void) | undefined
  let onIdle: (() => void) | undefined

  const wake = (): void => {
    if (isScheduled) return
    isScheduled = true
    setImmediate(run)
  }

  const run = (): void => {
    isScheduled = false
    if (isWriting || inFlight.length >= REQUESTS_IN_FLIGHT) return
    const sent: { partition: Partition; batch: Batch; index: number }[] = []
    for (const [index, partition] of partitions.entries()) {
      if (partition.isInFlight) continue
      const batch = partition.full.shift() ?? partition.open
      if (batch === undefined) continue
      if (batch === partition.open) partition.open = undefined
      partition.isInFlight = true
      sent.push({ partition, batch, index })
    }
    if (sent.length === 0) return
    inFlight.push(sent)
    isWriting = true
    writeProduce(socket, workload.topic, sent, () => {
      isWriting = false
      wake()
    })
  }

  socket.on('data', (chunk) => {
    frames.push(chunk, (frame) => {
      for (const topic of decodeResponseFrame(codec, frame).response.responses) {
        for (const { errorCode } of topic.partitionResponses) if (errorCode !== 0) throw new Error(`error ${errorCode}`)
      }
      for (const { partition, batch } of inFlight.shift() ?? []) {
        partition.isInFlight = false
        for (const done of batch.callbacks) done(null)
        batch.callbacks = []
        batch.length = HEADER_BYTES
        batch.count = 0
        pool.push(batch)
      }
    })
    onRoom?.()
    if (inFlight.length === 0) onIdle?.()
    wake()
  })

  const append = (index: number, done: Done): boolean => {
    const partition = partitions[index]
    if (partition === undefined) throw new RangeError(`partition ${index}`)
    let batch = partition.open
    if (batch?.append(value, done)) return true
    if (batch !== undefined) {
      partition.full.push(batch)
      partition.open = undefined
    }
    wake()
    batch = pool.pop()
    if (batch === undefined) return false
    batch.timestamp = Date.now()
    partition.open = batch
    return batch.append(value, done)
  }

  return {
    settings: { bufferBytes, buffers, acks: 'all', idempotence: false },
    produce: append,
    send: (index) =>
      new Promise<void>((resolve, reject) => {
        const isTaken = append(index, (error) => (error === null ? resolve() : reject(error)))
        if (!isTaken) reject(new Error('as many records as are outstanding have room'))
      }),
    drained: () =>
      new Promise((resolve) => {
        onRoom = resolve
      }),
    flush: () =>
      new Promise((resolve) => {
        onIdle = () => {
          if (partitions.every(({ open, full, isInFlight }) => open === undefined && full.length === 0 && !isInFlight))
            resolve()
        }
        onIdle()
      }),
    close: async () => {
      socket.destroy()
      await once(socket, 'close')
    },
  }
})

async function connected(bootstrapServers: string): Promise<Socket> {
  const [host, port] = bootstrapServers.split(':')
  const socket = connect({ host: host ?? '', port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return socket
}

function writeProduce(
  socket: Socket,
  topic: string,
  batches: readonly { batch: Batch; index: number }[],
  onWritten: () => void,
): void {
  const head: number[] = []
  const int16 = (value: number): void => {
    head.push((value >> 8) & 0xff, value & 0xff)
  }
  const int32 = (value: number): void => {
    int16(value >> 16)
    int16(value & 0xffff)
  }
  int16(0) // Produce
  int16(PRODUCE_VERSION)
  int32(0) // correlation id
  int16(-1) // no client id
  head.push(0, 0) // no tagged fields, no transactional id
  int16(-1) // acks
  int32(30_000)
  head.push(2, topic.length + 1, ...Buffer.from(topic), ...unsigned(batches.length + 1))
  const pieces: Buffer[] = []
  let tags: number[] = head
  for (const { batch, index } of batches) {
    const records = batch.seal()
    tags.push(
      (index >> 24) & 0xff,
      (index >> 16) & 0xff,
      (index >> 8) & 0xff,
      index & 0xff,
      ...unsigned(records.length + 1),
    )
    pieces.push(Buffer.from(tags), records)
    tags = [0] // of the partition
  }
  pieces.push(Buffer.from([...tags, 0, 0])) // of the topic and the request
  const size = Buffer.alloc(4)
  size.writeInt32BE(pieces.reduce((sum, { length }) => sum + length, 0))
  socket.cork()
  socket.write(size)
  for (const piece of pieces) socket.write(piece)
  socket.write(Buffer.alloc(0), onWritten)
  socket.uncork()
}

function sizeOf(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4
}

function varint(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  bytes[at] = value
  return at + 1
}

function unsigned(value: number): number[] {
  const bytes = Buffer.alloc(5)
  return [...bytes.subarray(0, varint(bytes, 0, value))]
}
