import type { ProducerConfig } from '../config/producer-config.ts'

export type ConfigKey = keyof ProducerConfig

/** What has been read so far. */
export interface Draft {
  readonly config: Partial<Record<ConfigKey, unknown>>
  readonly ssl: Record<string, unknown>
  readonly sasl: Record<string, unknown>
  readonly warn: (message: string) => void
  readonly invalid: (message: string) => Error
}

/** What becomes of one property. */
export type PropertyRule =
  /** Its value becomes a setting. */
  | {
      readonly kind: 'used'
      readonly key: ConfigKey
      /** The one setting that it becomes, whatever its value and the other properties: `lingerMs`, `ssl.ca`. */
      readonly sets?: string
      /** For the reader: the setting, and what else is to be known. */
      readonly as: string
      readonly read: (draft: Draft, name: string, value: string) => void
    }
  /** One value is what happens here anyway. Others are ignored with a warning, or refused. */
  | {
      readonly kind: 'as-is'
      readonly key?: ConfigKey
      readonly values: readonly string[]
      readonly otherwise: Otherwise
    }
  /** It changes nothing here, which is said through the logger. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** What was asked for would not happen. `key` is the setting that says it instead. */
  | { readonly kind: 'refused'; readonly key?: ConfigKey; readonly remedy: string }

export type Otherwise = { readonly ignored: string } | { readonly refused: string }

export type Rules = Readonly<Record<string, PropertyRule>>

const INT32_MAX = 2_147_483_647

export function ignored(why: string): PropertyRule {
  return { kind: 'ignored', why }
}

export function refused(remedy: string, key?: ConfigKey): PropertyRule {
  return key === undefined ? { kind: 'refused', remedy } : { kind: 'refused', key, remedy }
}

export function asIs(values: string | readonly string[], otherwise: Otherwise, key?: ConfigKey): PropertyRule {
  const list = typeof values === 'string' ? [values] : values
  return key === undefined
    ? { kind: 'as-is', values: list, otherwise }
    : { kind: 'as-is', key, values: list, otherwise }
}

export function text(key: ConfigKey): PropertyRule {
  return used(key, (value) => value)
}

export function integer(key: ConfigKey): PropertyRule {
  return used(key, wholeNumber)
}

/** Times that are longer than 24 days are that. `never` is a value that means no limit. */
export function milliseconds(key: ConfigKey, never?: { readonly is: number; readonly as: number }): PropertyRule {
  const note = never === undefined ? '' : `; ${never.is} becomes ${never.as}`
  return used(
    key,
    (value, name, draft) => {
      const ms = wholeNumber(value, name, draft)
      if (ms === never?.is) return never.as
      if (ms <= INT32_MAX) return ms
      draft.warn(`${name} ${value} becomes ${INT32_MAX}, 24 days, which is the longest time there is`)
      return INT32_MAX
    },
    note,
  )
}

export function trueOrFalse(key: ConfigKey): PropertyRule {
  return used(key, truth)
}

/** `values` of the property, and what they are here. */
export function oneOf(key: ConfigKey, values: Readonly<Record<string, unknown>>, remedy: string): PropertyRule {
  const note = `: ${Object.keys(values)
    .map((value) => `'${value}'`)
    .join(', ')}`
  return used(
    key,
    (value, name, { invalid }) => {
      if (!Object.hasOwn(values, value)) throw invalid(`${name} '${value}' is not understood: ${remedy}`)
      return values[value]
    },
    note,
  )
}

export function used(
  key: ConfigKey,
  convert: (value: string, name: string, draft: Draft) => unknown,
  note: string = '',
): PropertyRule {
  return {
    kind: 'used',
    key,
    sets: key,
    as: `\`${key}\`${note}`,
    read: (draft, name, value) => {
      const converted = convert(value.trim(), name, draft)
      if (converted !== undefined) draft.config[key] = converted
    },
  }
}

/** An option of `ssl` or `sasl`. */
export function option(
  of: 'ssl' | 'sasl',
  key: string,
  convert: (value: string, name: string, draft: Draft) => unknown = (value) => value,
): PropertyRule {
  return {
    kind: 'used',
    key: of,
    sets: `${of}.${key}`,
    as: `\`${of}.${key}\``,
    read: (draft, name, value) => void (draft[of][key] = convert(value.trim(), name, draft)),
  }
}

/** The same, of what nobody may read: taken to the letter, also spaces at its end. */
export function secret(of: 'ssl' | 'sasl', key: string): PropertyRule {
  const read = (draft: Draft, _name: string, value: string): void => void (draft[of][key] = value)
  return { kind: 'used', key: of, sets: `${of}.${key}`, as: `\`${of}.${key}\``, read }
}

export function wholeNumber(value: string, name: string, { invalid }: Draft): number {
  if (!/^[+-]?\d+$/.test(value)) throw invalid(`${name} must be an integer, not '${value}'`)
  return Number(value)
}

export function truth(value: string, name: string, { invalid }: Draft): boolean {
  const plain = value.toLowerCase()
  if (plain !== 'true' && plain !== 'false') throw invalid(`${name} must be true or false, not '${value}'`)
  return plain === 'true'
}
