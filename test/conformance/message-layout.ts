import { type Field, type Fields, includesVersion, type WireType } from '@linger/protocol'
import type { MessageSpec, SpecField } from './message-spec.ts'

/** What decides how a field of a version becomes bytes. Two descriptions of a message must give the same list. */
export interface FieldLayout {
  /** With the structs around it: topicData[].partitionData[].index */
  readonly path: string
  readonly type: string
  readonly nullable: boolean
  readonly tag: number | null
  readonly default: string
  readonly ignorable: boolean
}

/** The fields of a version, in wire order, by our schema. */
export function schemaLayout(fields: Fields, version: number, prefix: string = ''): FieldLayout[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!includesVersion(field.versions ?? '0+', version)) return []
    const element = isArray(field.type) ? field.type[0] : field.type
    const brackets = isArray(field.type) ? '[]' : ''
    const layout = {
      path: prefix + name,
      type: brackets + (typeof element === 'string' ? element : 'struct'),
      nullable: field.nullable !== undefined && includesVersion(field.nullable, version),
      tag: field.tag ?? null,
      default: field.default === undefined ? '' : String(field.default),
      ignorable: field.ignorable ?? false,
    }
    const inner = typeof element === 'string' ? [] : schemaLayout(element, version, `${prefix}${name}${brackets}.`)
    return [layout, ...inner]
  })
}

/** The fields of a version, in wire order, by Kafka's JSON. */
export function specLayout(spec: MessageSpec, version: number): FieldLayout[] {
  return specFieldsLayout(spec, spec.fields, version, '')
}

export function flexibleInSpec(spec: MessageSpec, version: number): boolean {
  return inSpecRange(spec.flexibleVersions, version)
}

/** The range of our versions that Kafka calls stable. */
export function stableVersions(spec: MessageSpec): { min: number; max: number } {
  const [min = Number.NaN, max = min] = spec.validVersions.split('-').map(Number)
  return { min, max: spec.latestVersionUnstable === true ? max - 1 : max }
}

function specFieldsLayout(
  spec: MessageSpec,
  fields: readonly SpecField[],
  version: number,
  prefix: string,
): FieldLayout[] {
  return fields.flatMap((field) => {
    if (!inSpecRange(field.versions, version)) return []
    const name = field.name.charAt(0).toLowerCase() + field.name.slice(1)
    const brackets = field.type.startsWith('[]') ? '[]' : ''
    const elementType = field.type.slice(brackets.length)
    const structFields = field.fields ?? spec.commonStructs?.find((struct) => struct.name === elementType)?.fields
    const layout = {
      path: prefix + name,
      type: brackets + (structFields === undefined ? elementType : 'struct'),
      nullable: inSpecRange(field.nullableVersions, version),
      tag: inSpecRange(field.taggedVersions, version) ? (field.tag ?? null) : null,
      default: specDefault(field),
      ignorable: String(field.ignorable ?? false) === 'true',
    }
    if (structFields === undefined) return [layout]
    return [layout, ...specFieldsLayout(spec, structFields, version, `${prefix}${name}${brackets}.`)]
  })
}

/** Kafka writes defaults as text, numbers also in hexadecimal. */
function specDefault(field: SpecField): string {
  const text = field.default === undefined ? '' : String(field.default)
  return text.startsWith('0x') ? String(BigInt(text)) : text
}

/** '3+', '0-12', 'none', or a lone version, which is a range of one. */
function inSpecRange(range: string | undefined, version: number): boolean {
  if (range === undefined || range === 'none') return false
  if (range.endsWith('+')) return version >= Number.parseInt(range, 10)
  const [min = Number.NaN, max = min] = range.split('-').map(Number)
  return min <= version && version <= max
}

function isArray(type: Field['type']): type is readonly [WireType | Fields] {
  return Array.isArray(type)
}
