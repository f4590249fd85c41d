import { type CompressionType, decompress } from '@linger/compression'
import { produce, readRecordBatches } from '@linger/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BufferMemory } from '../../src/accumulate/buffer-memory.ts'
import { type Fault, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

/** No record here has it: it stands for what somebody else left in memory. */
const POISON = 0xdd

const MESSAGE_TOO_LARGE = 10
const TOPICS = ['a', 'b', 'c', 'd']
const ROOM = { maxBytes: 10_000_000 }

/** Poisons all memory that is not zeroed: Node's own, and batch buffers whenever they go back. */
beforeEach(() => {
  for (const method of ['allocUnsafe', 'allocUnsafeSlow'] as const) {
    const allocate = Buffer[method].bind(Buffer)
    vi.spyOn(Buffer, method).mockImplementation((sizeBytes) => allocate(sizeBytes).fill(POISON))
  }
  const { returnBuffer } = BufferMemory.prototype
  vi.spyOn(BufferMemory.prototype, 'returnBuffer').mockImplementation(function (this: BufferMemory, buffer) {
    returnBuffer.call(this, buffer.fill(POISON))
  })
})
afterEach(() => void vi.restoreAllMocks())

describe.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'with compressionType %s, in poisoned memory,',
  (compressionType) => {
    test('S9: nothing leaves but what the caller passed', async () => {
      const world = stormyWorld()
      const passed = await sendThroughStorm(world, compressionType)
      let recordCount = 0
      for (const { topic, bytes } of world.wire.batches) {
        const contents: Uint8Array[] = []
        const [batch] = readRecordBatches(bytes, {
          decompress: (type, content) => {
            const plain = decompress(type, content, ROOM)
            contents.push(plain)
            return plain
          },
        })
        for (const content of contents) expect(content.includes(POISON)).toBe(false)
        if (contents.length === 0) expect(bytes.subarray(61).includes(POISON)).toBe(false)
        const name = TOPICS.find((one) => world.cluster.topicNamed(one)?.id === topic) ?? ''
        for (const { value } of batch?.records ?? []) {
          recordCount++
          expect(passed.get(name)?.has(textOf(value))).toBe(true)
        }
      }
      const compressed = world.wire.batches.filter(({ batch }) => batch.compression === compressionType)
      expect([compressed.length > 50, recordCount > 1_000]).toEqual([true, true])
    })

    test('S1: what is in a log was sent to that topic, whatever expires while a socket holds its buffer', async () => {
      const world = stormyWorld()
      const passed = await sendThroughStorm(world, compressionType)
      const late = await sendAndForget(world, compressionType)
      expect(world.network.violations).toEqual([])
      for (const topic of TOPICS) {
        const { log } = world.partition(topic, 0)
        expect(log.endOffset).toBeGreaterThan(0)
        for (const value of valuesIn(world, topic)) {
          expect((passed.get(topic)?.has(value) ?? false) || (late.get(topic)?.has(value) ?? false)).toBe(true)
        }
      }
    })
  },
)

/** Batches are refused as too large and go in pieces, connections break, and sockets are slow. */
function stormyWorld(): World {
  const world = new World({ topics: TOPICS.map((name) => ({ name, partitions: 1 })) })
  world.network.timing.writtenMs = 3
  world.network.timing.closedMs = 5
  world.onRequest(produce, (request, ordinal): Fault | undefined => {
    if (ordinal % 7 === 3) return refuseProduce(request, MESSAGE_TOO_LARGE)
    return ordinal % 11 === 5 ? { kind: 'close-after' } : undefined
  })
  return world
}

type Compression = CompressionType | 'none'

/** Sends to all topics, takes some of it back, and answers with what was passed, by topic. */
async function sendThroughStorm(world: World, compressionType: Compression): Promise<Map<string, Set<string>>> {
  const producer = world.producer({
    compressionType,
    bufferMemory: 400_000,
    batchSize: 100_000,
    maxRequestSize: 200_000,
  })
  const passed = new Map(TOPICS.map((topic) => [topic, new Set<string>()]))
  for (let round = 0; round < 40; round++) {
    const sent = TOPICS.flatMap((topic, index) =>
      Array.from({ length: 10 }, (_, i) => {
        const value = valueFor(topic, round * 10 + i, [20, 300, 3_000][(round + index) % 3] ?? 20)
        passed.get(topic)?.add(value)
        const takeBack = new AbortController()
        if (i % 5 === 4) void world.timeline.after(round % 4, () => takeBack.abort())
        return producer.send({ topic, value }, { signal: takeBack.signal }).catch(() => {})
      }),
    )
    await world.until(Promise.all(sent))
  }
  return passed
}

/** What expires in a socket that takes nothing, and others that need memory meanwhile. */
async function sendAndForget(world: World, compressionType: Compression): Promise<Map<string, Set<string>>> {
  const times = { requestTimeoutMs: 500, deliveryTimeoutMs: 500 }
  const producer = world.producer({ compressionType, bufferMemory: 300_000, maxRequestSize: 200_000, ...times })
  const passed = new Map(TOPICS.map((topic) => [topic, new Set<string>()]))
  for (let round = 0; round < 20; round++) {
    world.network.timing.leaveMs = round % 3 === 1 ? 2_000 : 0
    const sent = TOPICS.map((topic) => {
      const value = valueFor(topic, 1_000 + round, 20_000)
      passed.get(topic)?.add(value)
      return producer.send({ topic, value }).catch(() => {})
    })
    await world.until(Promise.all(sent))
  }
  await world.pass(10_000)
  return passed
}

/** Compresses somewhat, names its topic throughout, and has no byte of the poison. */
function valueFor(topic: string, index: number, sizeBytes: number): string {
  let value = ''
  for (let line = 0; value.length < sizeBytes; line++)
    value += `${topic}:${index}:${(line * 7919 * (index + 1)) % 9973} `
  return value
}

function valuesIn(world: World, topic: string): string[] {
  const { log } = world.partition(topic, 0)
  const values: string[] = []
  for (let offset = 0; offset < log.endOffset;) {
    const bytes = Buffer.from(log.read(offset, 1, true))
    const options = { decompress: (type: CompressionType, content: Uint8Array) => decompress(type, content, ROOM) }
    for (const { records } of readRecordBatches(bytes, options))
      values.push(...records.map(({ value }) => textOf(value)))
    offset = Number(bytes.readBigInt64BE(0)) + bytes.readInt32BE(23) + 1
  }
  return values
}

function textOf(value: Uint8Array | null): string {
  return Buffer.from(value ?? []).toString()
}
