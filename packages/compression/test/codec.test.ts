import { describe, expect, test } from 'vitest'
import { type CodecLibraries, COMPRESSION_TYPES, compressionCodecFor, CompressionError } from '../src/index.ts'
import { jsonLines } from './contents.ts'
import { errorOf } from './error-of.ts'

const content = jsonLines(20_000)

test('each codec has the number that stands for it in the attributes of a batch', () => {
  const ids = COMPRESSION_TYPES.map((type) => [type, compressionCodecFor(type).id])
  expect(ids).toEqual([
    ['gzip', 1],
    ['snappy', 2],
    ['lz4', 3],
    ['zstd', 4],
  ])
})

describe('levels', () => {
  test.each(['lz4', 'snappy'] as const)('%s has none', (type) => {
    expect(errorOf(() => compressionCodecFor(type, 3))).toMatchObject({
      code: 'INVALID_LEVEL',
      message: `${type} has no levels: leave it out`,
    })
  })

  test.each([
    ['gzip', 0, 'the level of gzip must be an integer from 1 to 9, or -1 for the default, not 0'],
    ['gzip', 10, 'the level of gzip must be an integer from 1 to 9, or -1 for the default, not 10'],
    ['gzip', -2, 'the level of gzip must be an integer from 1 to 9, or -1 for the default, not -2'],
    ['gzip', 1.5, 'the level of gzip must be an integer from 1 to 9, or -1 for the default, not 1.5'],
    ['zstd', 23, 'the level of zstd must be an integer from -131072 to 22, not 23'],
    ['zstd', -131_073, 'the level of zstd must be an integer from -131072 to 22, not -131073'],
    ['zstd', Number.NaN, 'the level of zstd must be an integer from -131072 to 22, not NaN'],
  ] as const)('%s has no level %d', (type, level, message) => {
    expect(errorOf(() => compressionCodecFor(type, level))).toMatchObject({ code: 'INVALID_LEVEL', message })
  })

  test.each([
    ['gzip', [1, 6, 9]],
    ['zstd', [-131_072, -5, 3, 19]],
  ] as const)('the higher of %s make less', async (type, levels) => {
    const sizes = await Promise.all(
      levels.map(async (level) => (await compressionCodecFor(type, level).compress([content])).length),
    )
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    expect(new Set(sizes).size).toBe(sizes.length)
  })

  test.each([
    ['gzip', -1],
    ['gzip', 6],
    ['zstd', 3],
  ] as const)('left out, it is that of %s, %d', async (type, level) => {
    const [byDefault, byLevel] = await Promise.all([
      compressionCodecFor(type).compress([content]),
      compressionCodecFor(type, level).compress([content]),
    ])
    expect(byDefault.equals(byLevel)).toBe(true)
  })
})

describe('a library that fails', () => {
  const broken = new Error('out of memory')
  const fails: CodecLibraries = {
    zlibHasZstd: false,
    lz4: () => ({
      compressFrame: () => Promise.reject(broken),
      compressFrameSync: () => {
        throw broken
      },
    }),
    snappy: () => ({
      compress: () => Promise.reject(broken),
      compressSync: () => {
        throw broken
      },
    }),
    zstd: () => ({ compress: () => Promise.reject(broken) }),
  }
  const failure = { code: 'FAILED', cause: broken }

  test.each(['lz4', 'snappy', 'zstd'] as const)('is one error: %s', async (type) => {
    const codec = compressionCodecFor(type, undefined, fails)
    await expect(codec.compress([content])).rejects.toBeInstanceOf(CompressionError)
    await expect(codec.compress([content])).rejects.toMatchObject(failure)
  })

  test.each(['lz4', 'snappy'] as const)('is the same error outside of the thread pool: %s', (type) => {
    const codec = compressionCodecFor(type, undefined, fails)
    expect(errorOf(() => codec.compressSync?.([content]))).toMatchObject(failure)
  })
})
