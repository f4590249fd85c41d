import { tlsOptionKeys, type TlsOptions } from '../ports/tls.ts'
import { ownEntries } from './own-entries.ts'

type Check = readonly [isRight: (value: unknown) => boolean, right: string]

const pems: Check = [isPems, 'a PEM text, its bytes, or a list of them']
const text: Check = [isText, 'a string']
const version: Check = [(value) => value === 'TLSv1.2' || value === 'TLSv1.3', "'TLSv1.2' or 'TLSv1.3'"]

const CHECKS: Readonly<Record<keyof TlsOptions, Check>> = {
  ca: pems,
  cert: pems,
  key: pems,
  crl: pems,
  pfx: [(value) => value instanceof Uint8Array, 'the bytes of a PKCS#12 file'],
  passphrase: text,
  ciphers: text,
  sigalgs: text,
  ecdhCurve: text,
  minVersion: version,
  maxVersion: version,
  rejectUnauthorized: [(value) => typeof value === 'boolean', 'true, or literally false'],
  checkServerIdentity: [(value) => typeof value === 'function', 'a function'],
}

/** Checks `ssl` as far as it can be checked before it is used. */
export function checkedTls(given: unknown, invalid: (message: string) => Error): TlsOptions {
  if (typeof given === 'object' && given !== null && Object.hasOwn(given, 'servername')) {
    throw invalid('ssl.servername cannot be set: each broker is asked for the name under which it was dialled')
  }
  const options = ownEntries('ssl', given, tlsOptionKeys, invalid)
  if (options === undefined) throw invalid('ssl must be an object of TLS options, or a function that gives one')
  for (const [key, [isRight, right]] of Object.entries(CHECKS)) {
    if (key in options && !isRight(options[key])) throw invalid(`ssl.${key} must be ${right}`)
  }
  // `{ rejectUnauthorized: undefined }` asks for nothing, and what was meant may be the opposite.
  if (Object.hasOwn(given as object, 'rejectUnauthorized') && !('rejectUnauthorized' in options)) {
    throw invalid('ssl.rejectUnauthorized must be true, or literally false')
  }
  return options
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isPems(value: unknown): boolean {
  const isPem = (one: unknown): boolean => isText(one) || one instanceof Uint8Array
  return Array.isArray(value) ? value.length > 0 && value.every(isPem) : isPem(value)
}
