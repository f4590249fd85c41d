import type { Reader } from '../wire/reader.ts'

/** Headers have room for tagged fields, but Kafka has defined none yet. */
export function skipTaggedFields(reader: Reader): void {
  const count = reader.uvarint()
  for (let index = 0; index < count; index++) {
    reader.uvarint()
    reader.skip(reader.uvarint())
  }
}
