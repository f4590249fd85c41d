import { isArrayType } from './default-value.ts'
import type { Layout } from './encode.ts'
import type { Field, FieldType } from './schema.ts'
import { includesVersion } from './version-range.ts'

const UUID_BYTES = 16

/**
 * The fewest bytes a value of this type takes: an array that claims more elements than fit is refused by it.
 *
 * At least 1, so that no count passes for free.
 */
export function sizeBytesMin(type: FieldType, layout: Layout): number {
  if (isArrayType(type)) return layout.flexible ? 1 : 4
  switch (type) {
    case 'bool':
    case 'int8':
      return 1
    case 'int16':
      return 2
    case 'int32':
      return 4
    case 'int64':
      return 8
    case 'uuid':
      return UUID_BYTES
    case 'string':
      return layout.flexible ? 1 : 2
    case 'bytes':
    case 'records':
      return layout.flexible ? 1 : 4
    default: {
      const fieldsBytes = Object.values(type)
        .map((field) => fieldBytesMin(field, layout))
        .reduce((sum, sizeBytes) => sum + sizeBytes, 0)
      return Math.max(1, fieldsBytes + (layout.flexible ? 1 : 0))
    }
  }
}

function fieldBytesMin(field: Field, layout: Layout): number {
  if (field.tag !== undefined || !includesVersion(field.versions ?? '0+', layout.version)) return 0
  const isNullableStruct =
    field.nullable !== undefined && includesVersion(field.nullable, layout.version) && isStructType(field.type)
  return isNullableStruct ? 1 : sizeBytesMin(field.type, layout)
}

function isStructType(type: FieldType): boolean {
  return typeof type === 'object' && !isArrayType(type)
}
