import * as fc from 'fast-check'

/** Bytes that are right, and which of several readers they are for. */
export interface Sample<Kind> {
  readonly kind: Kind
  readonly bytes: Uint8Array
}

/** What formats have where a length stands or a frame begins: the largest, the smallest, one too many. */
const TOKENS = [
  'ffffffff',
  '7fffffff',
  '80000000',
  '00000000',
  'ffffffff0f',
  '7fff',
  '04224d18',
  '28b52ffd',
  '1f8b',
].map((hex) => Buffer.from(hex, 'hex'))

type Damage = (bytes: Buffer) => Buffer

const at = fc.nat({ max: 65_535 })
const small = fc.uint8Array({ maxLength: 16 })

/** Puts `piece` over what is there. */
function over(position: number, piece: Uint8Array): Damage {
  return (bytes) => {
    const start = position % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start + piece.length)])
  }
}

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(at, fc.integer({ min: 0, max: 255 })).map(([position, byte]) => over(position, Buffer.of(byte))),
  fc.tuple(at, fc.integer({ min: 0, max: 7 })).map(([position, bit]): Damage => (bytes) => {
    if (bytes.length > 0) bytes[position % bytes.length] = (bytes[position % bytes.length] ?? 0) ^ (1 << bit)
    return bytes
  }),
  fc.tuple(at, fc.constantFrom(...TOKENS)).map(([position, token]) => over(position, token)),
  at.map(
    (position): Damage =>
      (bytes) =>
        bytes.subarray(0, position % (bytes.length + 1)),
  ),
  fc.tuple(at, small).map(([position, piece]): Damage => (bytes) => {
    const start = position % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, start), piece, bytes.subarray(start)])
  }),
  fc.tuple(at, fc.integer({ min: 1, max: 16 })).map(([position, count]): Damage => (bytes) => {
    const start = position % (bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + count)])
  }),
  fc.tuple(at, at).map(([first, second]): Damage => (bytes) => {
    const [start, end] = [first % (bytes.length + 1), second % (bytes.length + 1)]
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
  }),
)

/** Samples that something happened to, and bytes that never were any. */
export function damagedBytes<Kind>(samples: readonly Sample<Kind>[]): fc.Arbitrary<Sample<Kind>> {
  const anySample = fc.constantFrom(...samples)
  const damaged = fc
    .tuple(anySample, fc.array(damage, { minLength: 1, maxLength: 5 }))
    .map(([{ kind, bytes }, damages]) => {
      let damagedBytes = Buffer.from(bytes)
      for (const apply of damages) damagedBytes = Buffer.from(apply(damagedBytes))
      return { kind, bytes: damagedBytes }
    })
  const nothingLikeIt = fc
    .tuple(anySample, fc.uint8Array({ maxLength: 300 }))
    .map(([{ kind }, bytes]) => ({ kind, bytes: Buffer.from(bytes) }))
  return fc.oneof({ weight: 9, arbitrary: damaged }, { weight: 1, arbitrary: nothingLikeIt })
}
