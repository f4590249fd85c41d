import { ProtocolError } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { FrameAssembler } from '../../src/connection/frame-assembler.ts'

const MAX_FRAME_BYTES = 1000

/** Frames as text, copied at once: each is valid only until the next. */
function framesOf(...chunks: readonly Buffer[]): string[] {
  const assembler = new FrameAssembler(MAX_FRAME_BYTES)
  const frames: string[] = []
  for (const chunk of chunks) {
    assembler.push(chunk)
    for (let frame = assembler.next(); frame !== undefined; frame = assembler.next()) {
      frames.push(Buffer.from(frame).toString())
    }
  }
  return frames
}

function framed(text: string): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(text.length)
  return Buffer.concat([size, Buffer.from(text)])
}

describe('FrameAssembler', () => {
  const texts = ['abc', '', 'd', 'efghij']
  const stream = Buffer.concat(texts.map(framed))

  test('frames come out whole wherever the stream is cut twice', () => {
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const chunks = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)]
        expect(framesOf(...chunks), `cut at ${first} and ${second}`).toEqual(texts)
      }
    }
  })

  test('frames come out whole from single bytes', () => {
    const bytes = Array.from(stream, (_, index) => stream.subarray(index, index + 1))
    expect(framesOf(...bytes)).toEqual(texts)
  })

  test('frames wait until they are asked for, however many chunks have come', () => {
    const assembler = new FrameAssembler(MAX_FRAME_BYTES)
    for (const text of texts) assembler.push(framed(text))
    const frames = texts.map(() => Buffer.from(assembler.next() ?? []).toString())
    expect([frames, assembler.next()]).toEqual([texts, undefined])
  })

  test('a frame of the largest size is taken, one byte more is refused before any of it has come', () => {
    const largest = 'x'.repeat(MAX_FRAME_BYTES)
    expect(framesOf(framed(largest))).toEqual([largest])
    expect(() => framesOf(framed(`${largest}x`).subarray(0, 4))).toThrow(ProtocolError)
  })

  test('a negative size is refused', () => {
    expect(() => framesOf(Buffer.from('ffffffff', 'hex'))).toThrow('frame size -1')
  })

  test('a size that promises much costs no memory until it comes', () => {
    const before = process.memoryUsage().arrayBuffers
    const assemblers = Array.from({ length: 100 }, () => {
      const assembler = new FrameAssembler(100 * 1024 * 1024)
      assembler.push(Buffer.from('0600000001', 'hex'))
      expect(assembler.next()).toBeUndefined()
      return assembler
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(assemblers.length * 100 * 1024)
  })

  test('a large frame in pieces costs time in proportion to its size', () => {
    const assembler = new FrameAssembler(64 * 1024 * 1024)
    const text = Buffer.alloc(32 * 1024 * 1024, 'x')
    const size = Buffer.alloc(4)
    size.writeInt32BE(text.length)
    assembler.push(size)
    let copied = 0
    for (let at = 0; at < text.length; at += 1024) {
      assembler.push(text.subarray(at, at + 1024))
      const frame = assembler.next()
      copied += frame?.length ?? 0
    }
    expect(copied).toBe(text.length)
  })
})
