const PRIME_1 = 0x9e37_79b1
const PRIME_2 = 0x85eb_ca77
const PRIME_3 = 0xc2b2_ae3d
const PRIME_4 = 0x27d4_eb2f
const PRIME_5 = 0x1656_67b1

const STRIPE_BYTES = 16

/**
 * The xxHash32 of `bytes` with seed 0, 0 to 2^32 - 1: LZ4's checksum.
 *
 * @source xxHash specification, XXH32
 */
export function xxHash32(bytes: Buffer): number {
  const stripesEnd = bytes.length - (bytes.length % STRIPE_BYTES)
  let hash = stripesEnd === 0 ? PRIME_5 : hashStripes(bytes, stripesEnd)
  hash = (hash + bytes.length) | 0
  let at = stripesEnd
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotate(hash + Math.imul(bytes.readUInt32LE(at), PRIME_3), 17), PRIME_4)
  }
  for (; at < bytes.length; at++) {
    hash = Math.imul(rotate(hash + Math.imul(bytes.readUInt8(at), PRIME_5), 11), PRIME_1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function hashStripes(bytes: Buffer, end: number): number {
  let lane1 = (PRIME_1 + PRIME_2) | 0
  let lane2 = PRIME_2 | 0
  let lane3 = 0
  let lane4 = -PRIME_1 | 0
  for (let at = 0; at < end; at += STRIPE_BYTES) {
    lane1 = round(lane1, bytes.readUInt32LE(at))
    lane2 = round(lane2, bytes.readUInt32LE(at + 4))
    lane3 = round(lane3, bytes.readUInt32LE(at + 8))
    lane4 = round(lane4, bytes.readUInt32LE(at + 12))
  }
  return rotate(lane1, 1) + rotate(lane2, 7) + rotate(lane3, 12) + rotate(lane4, 18)
}

function round(lane: number, input: number): number {
  return Math.imul(rotate(lane + Math.imul(input, PRIME_2), 13), PRIME_1)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
