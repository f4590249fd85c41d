import type { ClientCredentials, SaslOptions } from '../network/sasl/sasl-options.ts'
import { hideSecret, ownEntries } from './own-entries.ts'
import type { Logger } from './producer-config.ts'

type Invalid = (message: string) => Error
type Entries = Readonly<Record<string, unknown>>

const USER_KEYS = ['mechanism', 'username', 'password']

/** What goes with each mechanism. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  PLAIN: [...USER_KEYS, 'allowInsecure'],
  'SCRAM-SHA-256': [...USER_KEYS, 'maxIterations'],
  'SCRAM-SHA-512': [...USER_KEYS, 'maxIterations'],
  OAUTHBEARER: ['mechanism', 'token', 'clientCredentials', 'extensions', 'allowInsecure'],
}

const CUSTOM_KEYS = ['mechanism', 'allowInsecure']

const CREDENTIALS_KEYS = [
  'tokenEndpointUrl',
  'allowedUrls',
  'clientId',
  'clientSecret',
  'scope',
  'audience',
  'ca',
  'timeoutMs',
]

/** RFC 7628. `auth` is the token's own. */
const EXTENSION_NAME = /^(?!auth$)[A-Za-z]+$/
const EXTENSION_VALUE = /^[\x21-\x7e \t\r\n]+$/

/** Checks `sasl`, and that no secret goes where anyone can read it. */
export function checkedSasl(given: unknown, isEncrypted: boolean, invalid: Invalid, logger: Logger): SaslOptions {
  const mechanism =
    typeof given === 'object' && given !== null ? (given as { mechanism?: unknown }).mechanism : undefined
  const name = nameOf(mechanism)
  if (name === undefined) {
    const names = Object.keys(KEYS).join(', ')
    throw invalid(`sasl.mechanism must be one of ${names}, or an object with name and converse()`)
  }
  const known = typeof mechanism === 'string' ? (KEYS[mechanism] ?? []) : CUSTOM_KEYS
  const options = ownEntries('sasl', given, known, invalid) ?? {}
  if (options['allowInsecure'] !== undefined && typeof options['allowInsecure'] !== 'boolean') {
    throw invalid('sasl.allowInsecure must be true or false')
  }
  if (!isEncrypted && known.includes('allowInsecure')) {
    if (options['allowInsecure'] !== true) {
      throw invalid(
        `${name} sends its secret as it is, and SASL_PLAINTEXT lets anyone on the way read it: set securityProtocol 'SASL_SSL', or sasl.allowInsecure true`,
      )
    }
    logger.warn(`linger: sasl.allowInsecure is true: the secret of ${name} travels where anyone on the way can read it`)
  }
  if (known.includes('password')) checkUser(options, invalid)
  if (name !== 'OAUTHBEARER' || typeof mechanism !== 'string') return options as unknown as SaslOptions
  return checkedOauthBearer(options, invalid) as unknown as SaslOptions
}

function nameOf(mechanism: unknown): string | undefined {
  if (typeof mechanism === 'string') return Object.hasOwn(KEYS, mechanism) ? mechanism : undefined
  if (typeof mechanism !== 'object' || mechanism === null) return undefined
  const { name, converse } = mechanism as { name?: unknown; converse?: unknown }
  return typeof name === 'string' && name !== '' && typeof converse === 'function' ? name : undefined
}

function checkUser(options: Entries, invalid: Invalid): void {
  const { username, password, maxIterations } = options
  if (!isText(username) || username.includes('\0')) throw invalid('sasl.username must be a string that is not empty')
  if (typeof password !== 'function' && (!isText(password) || password.includes('\0'))) {
    throw invalid('sasl.password must be a string that is not empty, or a function that gives one')
  }
  const isCount = Number.isSafeInteger(maxIterations) && Number(maxIterations) >= 4096
  if (maxIterations !== undefined && !isCount) throw invalid('sasl.maxIterations must be an integer from 4096')
  hideSecret(options, 'password')
}

function checkedOauthBearer(options: Entries, invalid: Invalid): Entries {
  const { token, clientCredentials, extensions } = options
  if ((token === undefined) === (clientCredentials === undefined)) {
    throw invalid('OAUTHBEARER needs either sasl.token or sasl.clientCredentials')
  }
  if (token !== undefined && typeof token !== 'function') {
    throw invalid('sasl.token must be a function that gives { value, expiresAtMs }')
  }
  const pairs = Object.entries(extensions ?? {})
  if (!pairs.every(([name, value]) => EXTENSION_NAME.test(name) && isText(value) && EXTENSION_VALUE.test(value))) {
    throw invalid('sasl.extensions must be names of letters, other than auth, with printable values')
  }
  if (clientCredentials === undefined) return options
  const allowsHttp = options['allowInsecure'] === true
  return { ...options, clientCredentials: checkedCredentials(clientCredentials, allowsHttp, invalid) }
}

function checkedCredentials(given: unknown, allowsHttp: boolean, invalid: Invalid): ClientCredentials {
  const name = 'sasl.clientCredentials'
  const credentials = ownEntries(name, given, CREDENTIALS_KEYS, invalid)
  if (credentials === undefined) throw invalid(`${name} must be an object`)
  const { tokenEndpointUrl, allowedUrls, ca, timeoutMs } = credentials
  for (const key of ['tokenEndpointUrl', 'clientId', 'clientSecret']) {
    if (!isText(credentials[key])) throw invalid(`${name}.${key} must be a string that is not empty`)
  }
  for (const key of ['scope', 'audience']) {
    if (credentials[key] !== undefined && !isText(credentials[key])) throw invalid(`${name}.${key} must be a string`)
  }
  if (!Array.isArray(allowedUrls) || !allowedUrls.includes(tokenEndpointUrl)) {
    throw invalid(`${name}.allowedUrls must be a list with the tokenEndpointUrl in it`)
  }
  if (!isHttpsUrl(String(tokenEndpointUrl), allowsHttp)) {
    throw invalid(
      `${name}.tokenEndpointUrl must be an https URL without a user (http: to this machine, with allowInsecure)`,
    )
  }
  if (ca !== undefined && !isText(ca) && !(ca instanceof Uint8Array)) throw invalid(`${name}.ca must be a PEM text`)
  if (timeoutMs !== undefined && !(Number.isSafeInteger(timeoutMs) && Number(timeoutMs) >= 1)) {
    throw invalid(`${name}.timeoutMs must be an integer from 1`)
  }
  hideSecret(credentials, 'clientSecret')
  return credentials as unknown as ClientCredentials
}

function isHttpsUrl(text: string, allowsHttp: boolean): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  const isThisMachine = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  return protocol === 'https:' || (protocol === 'http:' && allowsHttp && isThisMachine)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
