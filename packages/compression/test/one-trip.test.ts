import { PassThrough, Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { compressInOneTrip } from '../src/node-zlib.ts'

const BYTES = Buffer.from('some bytes')

test('all pieces that a stream makes are its output', async () => {
  expect(await compressInOneTrip(new PassThrough(), BYTES)).toEqual(BYTES)
  const inPieces = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) this.push(Buffer.of(byte))
      done()
    },
  })
  expect(await compressInOneTrip(inPieces, BYTES)).toEqual(BYTES)
})

test.each([
  ['makes nothing', (done: (error?: Error) => void) => done(), 'without a byte'],
  ['fails', (done: (error?: Error) => void) => done(new Error('no memory')), 'no memory'],
])('a stream that %s has not compressed anything', async (_what, end, message) => {
  const stream = new Transform({ transform: (_chunk, _encoding, done) => end(done) })
  await expect(compressInOneTrip(stream, BYTES)).rejects.toThrow(message)
  expect(stream.destroyed).toBe(true)
})
