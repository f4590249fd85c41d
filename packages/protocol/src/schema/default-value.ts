import type { Field, FieldType, WireType } from './schema.ts'

/** Kafka's Uuid.ZERO_UUID, which stands for "none". */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

const EMPTY: Readonly<Record<WireType, unknown>> = {
  bool: false,
  int8: 0,
  int16: 0,
  int32: 0,
  int64: 0n,
  string: '',
  uuid: ZERO_UUID,
  bytes: new Uint8Array(0),
  records: null,
}

/**
 * Answers what makes a field's default value: a new array or struct on each call, since messages may be changed.
 *
 * A nullable field without a default of its own defaults to empty, not to null; only records default to null.
 *
 * @source Kafka generator FieldSpec.fieldDefault
 */
export function defaultFactory(field: Field): () => unknown {
  const { type, default: given } = field
  if (given !== undefined) return () => given
  if (isArrayType(type)) return () => []
  if (typeof type === 'object') {
    const members = Object.entries(type).map(([name, member]) => ({ name, make: defaultFactory(member) }))
    return () => {
      const struct: Record<string, unknown> = {}
      for (const { name, make } of members) struct[name] = make()
      return struct
    }
  }
  const value = EMPTY[type]
  return () => value
}

/** Builds the test whether a value of this field says no more than its absence does. */
export function defaultTest(field: Field): (value: unknown) => boolean {
  const { type, default: given } = field
  if (given !== undefined) return (value) => value === undefined || value === given
  if (isArrayType(type) || type === 'bytes') return (value) => value === undefined || isEmpty(value)
  if (typeof type === 'object') {
    const tests = Object.entries(type).map(([name, member]) => [name, defaultTest(member)] as const)
    return (value) => value === undefined || (isStruct(value) && tests.every(([name, test]) => test(value[name])))
  }
  const empty = EMPTY[type]
  return (value) => value === undefined || value === empty
}

export function isArrayType(type: FieldType): type is Extract<FieldType, readonly unknown[]> {
  return Array.isArray(type)
}

function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) || value instanceof Uint8Array) && value.length === 0
}

function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
