import { ProtocolError } from '../wire/protocol-error.ts'
import { Writer } from '../wire/writer.ts'
import { defaultFactory, defaultTest, isArrayType } from './default-value.ts'
import { type Field, type Fields, type FieldType, isOptional } from './schema.ts'
import { includesVersion } from './version-range.ts'

/** Which version of a message is built. */
export interface Layout {
  readonly version: number
  /** Sizes are varints, and structs end with tagged fields (KIP-482). */
  readonly flexible: boolean
}

export type EncodeMessage = (writer: Writer, message: Readonly<Record<string, unknown>>) => void

/**
 * Takes the value its schema names: the caller's types were checked where the message was made.
 *
 * It is the type of a method since those may narrow their parameters, so that no encoder needs a cast.
 */
type Encode = { encode(writer: Writer, value: unknown): void }['encode']

/**
 * Builds the encoder of one message at one version.
 *
 * Which fields exist, may be null, or are compact is decided here, once. The function it returns has no version
 * branches left, so it is short to step through and cheap to run.
 *
 * @source KIP-482 for compact sizes and tagged fields
 */
export function encoderFor(fields: Fields, layout: Layout): EncodeMessage {
  const steps: EncodeMessage[] = []
  const tagged: TaggedField[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (!includesVersion(field.versions ?? '0+', layout.version)) {
      if (field.ignorable !== true) steps.push(refuseValue(name, field, layout))
    } else if (field.tag !== undefined) {
      tagged.push(taggedField(name, field, field.tag, layout))
    } else {
      steps.push(encodeNamed(name, field, layout))
    }
  }
  if (layout.flexible) steps.push(encodeTagged(tagged))

  return (writer, message) => {
    for (const step of steps) step(writer, message)
  }
}

/** A field that this version lacks: only its default may be given, since any other value would be lost silently. */
function refuseValue(name: string, field: Field, { version }: Layout): EncodeMessage {
  const isDefault = defaultTest(field)
  return (_writer, message) => {
    if (isDefault(message[name])) return
    throw new ProtocolError('UNSUPPORTED_VERSION', `version ${version} has no field '${name}', and a value was given`)
  }
}

function encodeNamed(name: string, field: Field, layout: Layout): EncodeMessage {
  const encode = encodeField(field, layout)
  const required = !isOptional(field)
  const makeDefault = defaultFactory(field)
  const nullable = field.nullable !== undefined && includesVersion(field.nullable, layout.version)

  return (writer, message) => {
    let value = message[name]
    if (value === undefined) {
      if (required) throw new ProtocolError('MISSING_FIELD', `the field '${name}' has no default and was left out`)
      value = makeDefault()
    }
    if (value === null && !nullable) {
      throw new ProtocolError('UNEXPECTED_NULL', `the field '${name}' cannot be null in version ${layout.version}`)
    }
    encode(writer, value)
  }
}

interface TaggedField {
  readonly name: string
  readonly tag: number
  readonly isDefault: (value: unknown) => boolean
  readonly encode: EncodeMessage
}

function taggedField(name: string, field: Field, tag: number, layout: Layout): TaggedField {
  return { name, tag, isDefault: defaultTest(field), encode: encodeNamed(name, field, layout) }
}

function encodeTagged(tagged: TaggedField[]): EncodeMessage {
  if (tagged.length === 0) return (writer) => writer.uvarint(0)
  const ascending = tagged.toSorted((left, right) => left.tag - right.tag)

  return (writer, message) => {
    const present = ascending.filter(({ name, isDefault }) => !isDefault(message[name]))
    writer.uvarint(present.length)
    for (const { tag, encode } of present) {
      const content = new Writer()
      encode(content, message)
      writer.uvarint(tag)
      writer.uvarint(content.length)
      writer.raw(content.finish())
    }
  }
}

function encodeField(field: Field, layout: Layout): Encode {
  const { type } = field
  const nullable = field.nullable !== undefined && includesVersion(field.nullable, layout.version)
  if (isArrayType(type)) return encodeArray(encodeType(type[0], layout), layout)
  const encode = encodeType(type, layout)
  return nullable && typeof type === 'object' ? encodeNullableStruct(encode) : encode
}

/** Null is known to be allowed where it gets here, so that sized types take it as it comes. */
function encodeType(type: Exclude<FieldType, readonly unknown[]>, layout: Layout): Encode {
  const { flexible } = layout
  switch (type) {
    case 'bool':
      return (writer, value: boolean) => writer.bool(value)
    case 'int8':
      return (writer, value: number) => writer.int8(value)
    case 'int16':
      return (writer, value: number) => writer.int16(value)
    case 'int32':
      return (writer, value: number) => writer.int32(value)
    case 'int64':
      return (writer, value: bigint) => writer.int64(value)
    case 'uuid':
      return (writer, value: string) => writer.uuid(value)
    case 'string':
      return flexible
        ? (writer, value: string | null) => writer.compactNullableString(value)
        : (writer, value: string | null) => writer.nullableString(value)
    case 'bytes':
    case 'records':
      return flexible
        ? (writer, value: Uint8Array | null) => writer.compactNullableBytes(value)
        : (writer, value: Uint8Array | null) => writer.nullableBytes(value)
    default:
      return encoderFor(type, layout)
  }
}

function encodeArray(encodeElement: Encode, { flexible }: Layout): Encode {
  return (writer, elements: readonly unknown[] | null) => {
    const count = elements === null ? null : elements.length
    if (flexible) writer.compactArrayCount(count)
    else writer.arrayCount(count)
    if (elements === null) return
    for (const element of elements) encodeElement(writer, element)
  }
}

/** A byte tells whether the struct follows: 1, or -1 for null. */
function encodeNullableStruct(encode: Encode): Encode {
  return (writer, value: object | null) => {
    writer.int8(value === null ? -1 : 1)
    if (value !== null) encode(writer, value)
  }
}
