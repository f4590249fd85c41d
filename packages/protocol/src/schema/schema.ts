import type { ClosedVersionRange, VersionRange } from './version-range.ts'

/** What each wire type is in TypeScript. int64 is a bigint: a producer id or an offset may pass 2^53. */
export interface WireTypes {
  bool: boolean
  int8: number
  int16: number
  int32: number
  int64: bigint
  string: string
  /** 22 letters of url-safe base64, as Kafka prints a Uuid. */
  uuid: string
  bytes: Uint8Array
  /** Record batches, one after the other, as they are in the log. */
  records: Uint8Array
}

export type WireType = keyof WireTypes

/** A wire type, a struct, or an array (in brackets) of either. */
export type FieldType = WireType | Fields | readonly [WireType | Fields]

export interface Field {
  readonly type: FieldType
  /** Default: every version of the message. */
  readonly versions?: VersionRange
  /** Versions in which the value may be null. */
  readonly nullable?: VersionRange
  /** What a reader assumes where the field is absent. Default: 0, false, '', no bytes, [], or a struct of defaults. */
  readonly default?: number | bigint | boolean | string | null
  /** A value is dropped without complaint in versions that lack the field. */
  readonly ignorable?: true
  /** Sent as a tagged field under this number, and only when it differs from its default (KIP-482). */
  readonly tag?: number
}

/** The fields of a message or struct, in wire order. */
export interface Fields {
  readonly [name: string]: Field
}

/** One Kafka API in all versions spoken here: one value is the schema, and the TypeScript types follow from it. */
export interface Api {
  readonly name: string
  readonly apiKey: number
  readonly versions: ClosedVersionRange
  /** Versions with compact sizes and tagged fields (KIP-482). */
  readonly flexible: VersionRange | 'none'
  readonly request: Fields
  readonly response: Fields
}

/** The value of a type. */
export type ElementOf<T> = T extends WireType ? WireTypes[T] : T extends Fields ? Message<T> : never

/** The same, to encode. */
export type ElementInputOf<T> = T extends WireType ? WireTypes[T] : T extends Fields ? MessageInput<T> : never

/** null, where a field may be that in some version. */
export type NullOf<F> = F extends { nullable: VersionRange } ? null : never

/** The value of a field. */
export type ValueOf<F extends Field> =
  | (F['type'] extends readonly [infer Element] ? ElementOf<Element>[] : ElementOf<F['type']>)
  | NullOf<F>

/** The same, to encode. */
export type InputOf<F extends Field> =
  | (F['type'] extends readonly [infer Element] ? readonly ElementInputOf<Element>[] : ElementInputOf<F['type']>)
  | NullOf<F>

/** Fields that may be left out of a message to encode, as `isOptional` has it at run time. */
export type Optional =
  | { default: unknown }
  | { versions: VersionRange }
  | { nullable: VersionRange }
  | { tag: number }
  | { ignorable: true }

/** The names of those. */
export type OptionalNames<F extends Fields> = { [Name in keyof F]: F[Name] extends Optional ? Name : never }[keyof F]

/** Whether an encoder can do without the field: it is absent or null somewhere, or has a default of its own. */
export function isOptional({ default: given, versions, nullable, tag, ignorable }: Field): boolean {
  return [given, versions, nullable, tag, ignorable].some((mark) => mark !== undefined)
}

/** A decoded message: every field is present, those that its version lacks at their default. */
export type Message<F extends Fields> = string extends keyof F
  ? Record<string, unknown>
  : { -readonly [Name in keyof F]: ValueOf<F[Name]> }

/** A message to encode: fields with a default may be left out. */
export type MessageInput<F extends Fields> = string extends keyof F
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in Exclude<keyof F, OptionalNames<F>>]: InputOf<F[Name]> } & {
      readonly [Name in OptionalNames<F>]?: InputOf<F[Name]> | undefined
    }

export type RequestOf<A extends Api> = Message<A['request']>
export type ResponseOf<A extends Api> = Message<A['response']>
export type RequestInput<A extends Api> = MessageInput<A['request']>
export type ResponseInput<A extends Api> = MessageInput<A['response']>
