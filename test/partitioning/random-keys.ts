/** xorshift32: the same keys in every run. */
function* numbers(): Generator<number, never> {
  for (let state = 2_463_534_242; ;) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    yield state >>> 0
  }
}

/** Keys of 1 to 64 bytes, one in four of them text, some of it beyond ASCII. */
export function randomKeys(count: number): Buffer[] {
  const source = numbers()
  const next = (): number => source.next().value
  return Array.from({ length: count }, () => {
    const size = 1 + (next() % 64)
    const isText = next() % 4 === 0
    const bytes = Buffer.from(Array.from({ length: size }, () => (next() >>> 8) & 0xff))
    return isText ? Buffer.from(bytes.toString('latin1')) : bytes
  })
}

/** Each key after its size, as an unsigned 16-bit integer. */
export function sizedKeys(keys: readonly Buffer[]): Buffer {
  return Buffer.concat(
    keys.flatMap((key) => {
      const size = Buffer.alloc(2)
      size.writeUInt16BE(key.length)
      return [size, key]
    }),
  )
}
