import { describe, expect, test } from 'vitest'
import { apis, ProtocolError } from '../src/index.ts'
import { decodeBody, type GoldenVector, goldenVectors } from './golden-vectors.ts'

const INT32_MAX = Buffer.from('7fffffff', 'hex')
const UVARINT_MAX = Buffer.from('ffffffff0f', 'hex')
const INT16_MAX = Buffer.from('7fff', 'hex')

/** Longer vectors hold the same fields more often: trying each of their bytes takes long and finds nothing new. */
const BYTES_MAX = 400

/** Decodes bytes that may be anything: a value or a ProtocolError is right, another error is a bug. */
function survives(vector: GoldenVector, bytes: Uint8Array): void {
  try {
    decodeBody(vector, bytes)
  } catch (error) {
    const leftOver = error instanceof Error && error.message.endsWith('bytes were not read')
    if (!(error instanceof ProtocolError) && !leftOver) throw error
  }
}

describe.each(apis.map((api) => [api.name, api] as const))('%s', (_name, api) => {
  const vectors = goldenVectors(api)

  test('a body that is cut anywhere is an error of the protocol', () => {
    for (const vector of vectors) {
      const { bytes, direction, version } = vector
      for (let length = 0; length < bytes.length; length++) {
        let caught: unknown
        try {
          decodeBody(vector, bytes.subarray(0, length))
        } catch (error) {
          caught = error
        }
        if (!(caught instanceof ProtocolError)) {
          expect.fail(`${direction} version ${version} cut at ${length}: ${String(caught)}`)
        }
      }
    }
  })

  test('S20: the largest size or count, put at any byte, is refused without memory for it', () => {
    const startedBytes = process.memoryUsage().arrayBuffers
    for (const vector of vectors.filter(({ bytes }) => bytes.length <= BYTES_MAX)) {
      for (let at = 0; at < vector.bytes.length; at++) {
        for (const hostile of [INT32_MAX, UVARINT_MAX, INT16_MAX]) {
          const bytes = Buffer.from(vector.bytes)
          hostile.copy(bytes, at)
          survives(vector, bytes)
        }
      }
    }
    // What was claimed is 2 GiB each time; what was decoded are copies of small vectors, collected or not.
    expect(process.memoryUsage().arrayBuffers - startedBytes).toBeLessThan(256 * 1024 * 1024)
  })
})
