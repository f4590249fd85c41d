import { fc, test as property } from '@fast-check/vitest'
import { createRequire } from 'node:module'
import { describe, expect, test, vi } from 'vitest'
import { crc32c, crc32cImplementation } from '../../src/index.ts'

/** The module as it is where nobody installed the native package. */
const portable = await withoutNative()

async function withoutNative(): Promise<{ crc32c: typeof crc32c; crc32cImplementation: () => string }> {
  vi.resetModules()
  vi.doMock('node:module', () => ({
    createRequire: (url: string) => {
      const require = createRequire(url)
      return (name: string): unknown => {
        if (name === '@node-rs/crc32') throw new Error('not installed')
        return require(name)
      }
    },
  }))
  try {
    return await import('../../src/records/crc32c.ts')
  } finally {
    vi.doUnmock('node:module')
  }
}

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the CRC catalogue.
  test.each([
    [Buffer.alloc(32, 0x00), 0x8a91_36aa],
    [Buffer.alloc(32, 0xff), 0x62a8_ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd_794e],
    [Buffer.from('123456789'), 0xe306_9283],
    [Buffer.alloc(0), 0],
  ])('of %o is that of the standard', (bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum)
    expect(portable.crc32c(bytes)).toBe(checksum)
  })

  property.prop([fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 })])(
    'of two parts in turn is that of the whole, by either package',
    (first, second) => {
      const whole = crc32c(Buffer.concat([first, second]))
      expect(crc32c(second, crc32c(first))).toBe(whole)
      expect(portable.crc32c(second, portable.crc32c(first))).toBe(whole)
    },
  )

  test('is computed by the native package where it is installed, else in JavaScript', () => {
    expect(crc32cImplementation()).toBe('@node-rs/crc32')
    expect(portable.crc32cImplementation()).toBe('crc-32')
  })
})
