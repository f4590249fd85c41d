const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu

/** Serializers whose bytes Java's deserializers of the same names read. */
export const serializers: {
  readonly json: (data: unknown) => string
  readonly string: (data: string) => string
  readonly int16: (data: number) => Uint8Array
  readonly int32: (data: number) => Uint8Array
  readonly int64: (data: bigint | number) => Uint8Array
  readonly float64: (data: number) => Uint8Array
  readonly uuid: (data: string) => string
} = {
  /** By JSON.stringify. */
  json: (data) => {
    const text = JSON.stringify(data) as string | undefined
    if (text === undefined) throw new TypeError(`${typeof data} is nothing in JSON`)
    return text
  },
  string: (data) => {
    if (typeof data !== 'string') throw new TypeError(`a string is wanted, not ${typeof data}`)
    return data
  },
  /** Two bytes, big-endian. */
  int16: (data) => {
    const bytes = Buffer.alloc(2)
    bytes.writeInt16BE(integer(data))
    return bytes
  },
  /** Four bytes, big-endian. */
  int32: (data) => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(integer(data))
    return bytes
  },
  /** Eight bytes, big-endian. Numbers only as far as they are exact. */
  int64: (data) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(typeof data === 'bigint' ? data : BigInt(integer(data)))
    return bytes
  },
  /** Eight bytes, big-endian, as Java's Double. */
  float64: (data) => {
    if (typeof data !== 'number') throw new TypeError(`a number is wanted, not ${typeof data}`)
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(data)
    return bytes
  },
  /** As text in lower case, which is what Java's UUIDSerializer writes. */
  uuid: (data) => {
    if (typeof data !== 'string' || !UUID.test(data))
      throw new TypeError('a UUID is wanted, 8-4-4-4-12 hexadecimal digits')
    return data.toLowerCase()
  },
}

/** What a buffer would round or wrap is an error instead. */
function integer(data: number): number {
  if (!Number.isSafeInteger(data)) throw new TypeError(`an integer is wanted, not ${String(data)}`)
  return data
}
