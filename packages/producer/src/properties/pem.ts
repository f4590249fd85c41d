import type { Draft } from './property-rule.ts'

/** Its label, and what stands before its END. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs

/** Header lines, which some encrypted keys have, and base64. */
const CONTENT = /^((?:[^\r\n:]+:[^\r\n]*[\r\n]+)*)([A-Za-z0-9+/=\s]+)$/

const LINE = /.{1,64}/g

/** Certificates of the property, as OpenSSL reads them. */
export function certificates(value: string, name: string, draft: Draft): string {
  return blocksOf('CERTIFICATE', value, name, draft)
}

/** The private key of the property, encrypted or not. */
export function privateKey(value: string, name: string, draft: Draft): string {
  return blocksOf('PRIVATE KEY', value, name, draft)
}

/**
 * The blocks of one kind, and nothing that stands beside them. In a .properties file with continued lines any space
 * stands where PEM has an end of a line. Kafka takes that; OpenSSL does not.
 *
 * @throws Error that repeats nothing of what was given
 * @source Kafka DefaultSslEngineFactory.PemParser
 */
function blocksOf(kind: string, value: string, name: string, { invalid }: Draft): string {
  const blocks = [...value.matchAll(BLOCK)].filter(([, label = '']) => label.endsWith(kind)).map(normalized)
  if (blocks.length === 0 || blocks.includes(undefined)) {
    throw invalid(`${name} must be PEM text: -----BEGIN ${kind}-----, base64 and -----END ${kind}-----`)
  }
  return blocks.join('\n')
}

/** @returns undefined when it holds something else than base64 */
function normalized([, label, text = '']: RegExpMatchArray): string | undefined {
  const [, headers = '', base64] = CONTENT.exec(text.trim()) ?? []
  if (base64 === undefined) return undefined
  const head = headers === '' ? [] : [...headers.trim().split(/[\r\n]+/), '']
  const lines = base64.replaceAll(/\s+/g, '').match(LINE) ?? []
  return [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`].join('\n')
}
