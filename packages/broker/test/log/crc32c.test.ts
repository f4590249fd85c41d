import { describe, expect, test } from 'vitest'
import { crc32c, slicedCrc32c } from '../../src/log/crc32c.ts'
import { bitwiseCrc32c } from '../record-batch.ts'

const ascending = Buffer.from(Array.from({ length: 32 }, (_, index) => index))

/** RFC 3720, B.4, and the check value of the CRC catalogue. */
const VECTORS: readonly [name: string, bytes: Buffer, crc: number][] = [
  ['nothing', Buffer.alloc(0), 0],
  ['123456789', Buffer.from('123456789'), 0xe306_9283],
  ['32 zeros', Buffer.alloc(32), 0x8a91_36aa],
  ['32 bytes 0xff', Buffer.alloc(32, 0xff), 0x62a8_ab43],
  ['0 to 31', ascending, 0x46dd_794e],
  ['31 to 0', Buffer.from(ascending.toReversed()), 0x113f_db5c],
]

describe.each([
  ['the one in use', crc32c],
  ['the one in JavaScript', slicedCrc32c],
])('CRC-32C, %s', (_, checksum) => {
  test.each(VECTORS)('%s', (_, bytes, crc) => {
    expect(checksum(bytes)).toBe(crc)
  })

  test('every length and start gives what one bit at a time gives', () => {
    const bytes = Buffer.from(Array.from({ length: 80 }, (_, index) => (index * 151 + 7) & 0xff))
    for (let start = 0; start < 9; start++) {
      for (let end = start; end <= bytes.length; end++) {
        const part = bytes.subarray(start, end)
        expect(checksum(part), `${start} to ${end}`).toBe(bitwiseCrc32c(part))
      }
    }
  })
})
