import { describe, expect, test } from 'vitest'
import { FrameReader } from '../../src/index.ts'
import { takenBytes } from '../taken-bytes.ts'

const framesOf = (reader: FrameReader, chunks: Iterable<Uint8Array>): string[] => {
  const frames: string[] = []
  for (const chunk of chunks) reader.push(chunk, (frame) => frames.push(Buffer.from(frame).toString('hex')))
  return frames
}

// Two frames, an empty one between them.
const STREAM = Buffer.from('00000003616263 00000000 0000000164'.replaceAll(' ', ''), 'hex')
const FRAMES = ['616263', '', '64']

describe('FrameReader', () => {
  // TCP may cut anywhere, so every cut is tried rather than a few likely ones.
  test('frames come out whole wherever the stream is cut', () => {
    for (let first = 0; first <= STREAM.length; first++) {
      for (let second = first; second <= STREAM.length; second++) {
        const chunks = [STREAM.subarray(0, first), STREAM.subarray(first, second), STREAM.subarray(second)]
        expect(framesOf(new FrameReader(), chunks), `cut at ${first} and ${second}`).toEqual(FRAMES)
      }
    }
  })

  test('frames come out whole when the stream comes byte by byte', () => {
    const bytes = Array.from(STREAM, (_, index) => STREAM.subarray(index, index + 1))
    expect(framesOf(new FrameReader(), bytes)).toEqual(FRAMES)
  })

  test('a frame comes out as soon as its last byte is there', () => {
    const reader = new FrameReader()
    expect(framesOf(reader, [STREAM.subarray(0, 6)])).toEqual([])
    expect(framesOf(reader, [STREAM.subarray(6, 7)])).toEqual(['616263'])
  })

  test('a frame within one chunk is not copied', () => {
    const frames: Uint8Array[] = []
    new FrameReader().push(STREAM, (frame) => frames.push(frame))
    expect(frames[0]?.buffer).toBe(STREAM.buffer)
  })

  test.each([
    ['15030300020228', 'a TLS alert'],
    ['485454502f312e31', 'HTTP/1.1'],
    ['ffffffff', 'a negative size'],
    ['06400001', 'one byte over 100 MiB'],
  ])('%s ends the connection: it is %s', (hex) => {
    const push = (): unknown => framesOf(new FrameReader(), [Buffer.from(hex, 'hex')])
    expect(push).toThrow(expect.objectContaining({ name: 'ProtocolError', code: 'INVALID_LENGTH' }))
  })

  test('a frame may be as large as the limit, and not one byte larger', () => {
    const limits = { maxFrameBytes: 3 }
    expect(framesOf(new FrameReader(limits), [STREAM])).toEqual(FRAMES)
    expect(() => framesOf(new FrameReader({ maxFrameBytes: 2 }), [STREAM])).toThrow('frame size 3')
  })

  test('a size costs no memory before its bytes arrive', () => {
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 50 }, () => new FrameReader())
    for (const reader of readers) reader.push(Buffer.from('0640000000', 'hex'), () => undefined)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
  })

  test('a frame that comes byte by byte takes the memory of its bytes', () => {
    const readers = Array.from({ length: 20 }, () => new FrameReader())
    const byte = Uint8Array.of(0)
    // A function made for each byte would be most of what is measured.
    const onFrame = (): void => expect.unreachable()
    const before = takenBytes()
    for (const reader of readers) {
      reader.push(Buffer.from('06400000', 'hex'), onFrame)
      for (let received = 0; received < 64 * 1024; received++) reader.push(byte, onFrame)
    }
    // 20 times 64 KiB have come, and nothing that was left behind while they did is counted out.
    expect(takenBytes() - before).toBeLessThan(4 * 20 * 64 * 1024 + 1024 * 1024)
  })

  test('a large frame in small pieces is not copied at each of them', () => {
    const sizeBytes = 64 * 1024 * 1024
    const piece = new Uint8Array(4096)
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(sizeBytes)
    const sizes: number[] = []
    const reader = new FrameReader()
    const startedMs = performance.now()
    reader.push(prefix, () => undefined)
    for (let sent = 0; sent < sizeBytes; sent += piece.length) reader.push(piece, (frame) => sizes.push(frame.length))
    expect(sizes).toEqual([sizeBytes])
    // A copy at every piece would be 512 GiB in all. The limit is far from both.
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })

  test('a socket may receive every chunk into the same memory', () => {
    const memory = new Uint8Array(4)
    const reader = new FrameReader()
    const frames: string[] = []
    for (let at = 0; at < STREAM.length; at += memory.length) {
      const chunk = STREAM.subarray(at, at + memory.length)
      memory.set(chunk)
      reader.push(memory.subarray(0, chunk.length), (frame) => frames.push(Buffer.from(frame).toString('hex')))
    }
    expect(frames).toEqual(FRAMES)
  })
})
