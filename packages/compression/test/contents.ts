/** Bytes like those of records: lines of JSON, much alike and never the same. */
export function jsonLines(sizeBytes: number): Buffer {
  const lines: string[] = []
  for (let id = 0, written = 0; written < sizeBytes; id++) {
    const line = `{"id":${id},"user":"user-${(id * 7919) % 1000}","amount":${(id * 31) % 977},"paid":${id % 3 === 0}}\n`
    lines.push(line)
    written += line.length
  }
  return Buffer.from(lines.join('')).subarray(0, sizeBytes)
}

/** Bytes that nothing makes shorter, the same for the same seed. */
export function randomBytes(sizeBytes: number, seed: number = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  let state = seed | 0
  for (let at = 0; at < sizeBytes; at++) bytes[at] = (state = nextRandom(state)) >>> 24
  return bytes
}

/** @source Mulberry32 */
export function nextRandom(state: number): number {
  let mixed = (state + 0x6d2b_79f5) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return mixed ^ (mixed >>> 14)
}
