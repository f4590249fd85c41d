import { ProtocolError } from '../wire/protocol-error.ts'
import type { Reader } from '../wire/reader.ts'
import { defaultFactory, isArrayType } from './default-value.ts'
import type { Layout } from './encode.ts'
import type { Field, Fields, FieldType } from './schema.ts'
import { sizeBytesMin } from './size-bytes-min.ts'
import { includesVersion } from './version-range.ts'

type Decode = (reader: Reader) => unknown

export type DecodeMessage = (reader: Reader) => Record<string, unknown>

interface Step {
  readonly name: string
  readonly decode: Decode
}

/**
 * Builds the decoder of one message at one version.
 *
 * As with `encoderFor`, everything the version decides is decided here. A field that the version lacks is a step that
 * makes its default, so messages of all versions have the same fields in the same order.
 *
 * @source KIP-482 for compact sizes and tagged fields
 */
export function decoderFor(fields: Fields, layout: Layout): DecodeMessage {
  const steps: Step[] = []
  const tagged = new Map<number, Step>()
  for (const [name, field] of Object.entries(fields)) {
    const exists = includesVersion(field.versions ?? '0+', layout.version)
    if (exists && field.tag === undefined) {
      steps.push({ name, decode: decodeField(field, layout) })
    } else {
      steps.push({ name, decode: defaultFactory(field) })
      if (exists && field.tag !== undefined) tagged.set(field.tag, { name, decode: decodeField(field, layout) })
    }
  }

  return (reader) => {
    const message: Record<string, unknown> = {}
    for (const step of steps) message[step.name] = step.decode(reader)
    if (layout.flexible) decodeTagged(reader, tagged, message)
    return message
  }
}

/** Tags that are not known here come from a newer peer, and are skipped. */
function decodeTagged(reader: Reader, tagged: Map<number, Step>, message: Record<string, unknown>): void {
  const count = reader.uvarint()
  for (let index = 0; index < count; index++) {
    const step = tagged.get(reader.uvarint())
    const sizeBytes = reader.uvarint()
    if (step === undefined) {
      reader.skip(sizeBytes)
      continue
    }
    const end = reader.position + sizeBytes
    message[step.name] = step.decode(reader)
    if (reader.position !== end) {
      throw new ProtocolError('INVALID_LENGTH', `the tagged field '${step.name}' is not the ${sizeBytes} bytes it says`)
    }
  }
}

function decodeField(field: Field, layout: Layout): Decode {
  const { type } = field
  const nullable = field.nullable !== undefined && includesVersion(field.nullable, layout.version)
  if (isArrayType(type)) {
    return decodeArray(decodeType(type[0], false, layout), sizeBytesMin(type[0], layout), nullable, layout)
  }
  return decodeType(type, nullable, layout)
}

function decodeType(type: Exclude<FieldType, readonly unknown[]>, nullable: boolean, layout: Layout): Decode {
  switch (type) {
    case 'bool':
      return (reader) => reader.bool()
    case 'int8':
      return (reader) => reader.int8()
    case 'int16':
      return (reader) => reader.int16()
    case 'int32':
      return (reader) => reader.int32()
    case 'int64':
      return (reader) => reader.int64()
    case 'uuid':
      return (reader) => reader.uuid()
    case 'string':
      return decodeString(nullable, layout)
    case 'bytes':
    case 'records':
      return decodeBytes(nullable, layout)
    default:
      return nullable ? decodeNullableStruct(decoderFor(type, layout)) : decoderFor(type, layout)
  }
}

function decodeString(nullable: boolean, { flexible }: Layout): Decode {
  if (flexible) return nullable ? (reader) => reader.compactNullableString() : (reader) => reader.compactString()
  return nullable ? (reader) => reader.nullableString() : (reader) => reader.string()
}

function decodeBytes(nullable: boolean, { flexible }: Layout): Decode {
  if (flexible) return nullable ? (reader) => reader.compactNullableBytes() : (reader) => reader.compactBytes()
  return nullable ? (reader) => reader.nullableBytes() : (reader) => reader.bytes()
}

function decodeArray(decodeElement: Decode, elementBytesMin: number, nullable: boolean, { flexible }: Layout): Decode {
  return (reader) => {
    const count = flexible ? reader.compactArrayCount(elementBytesMin) : reader.arrayCount(elementBytesMin)
    if (count === null) {
      if (nullable) return null
      throw new ProtocolError('UNEXPECTED_NULL', `a null array before byte ${reader.position} is not allowed`)
    }
    // Grown by push: the count is bounded by the bytes at hand, yet a made-up one should not even reserve that much.
    const elements: unknown[] = []
    for (let index = 0; index < count; index++) elements.push(decodeElement(reader))
    return elements
  }
}

/** A byte tells whether the struct follows: 1, or -1 for null. */
function decodeNullableStruct(decode: Decode): Decode {
  return (reader) => (reader.int8() < 0 ? null : decode(reader))
}
