import { describe, expect, test } from 'vitest'
import { KafkaError } from '../../src/index.ts'
import { configFromProperties } from '../../src/properties/config-from-properties.ts'

const CERTIFICATE = pem('CERTIFICATE', 1)
const CHAIN = [pem('CERTIFICATE', 2), pem('CERTIFICATE', 3)].join('\n')
const KEY = pem('PRIVATE KEY', 4)
const OLD_KEY = pem('EC PRIVATE KEY', 5, 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n')

describe('certificates and keys in a .properties file are PEM text, whatever stands between its lines:', () => {
  test.each<[string, (pem: string) => string]>([
    ['ends of lines', (text) => text.replaceAll('\n', '\\n')],
    ['ends of lines of Windows', (text) => text.replaceAll('\n', '\\r\\n')],
    ['ends of lines, each on a line of its own', (text) => text.replaceAll('\n', '\\n\\\n  ')],
    ['a space before the line goes on', (text) => text.replaceAll('\n', ' \\\n    ')],
    ['nothing, since the line goes on', (text) => text.replaceAll('\n', '\\\n')],
    ['nothing but a space', (text) => text.replaceAll('\n', ' ')],
  ])('%s', (_name, written) => {
    const file = [
      `ssl.truststore.certificates=${written(CERTIFICATE)}`,
      `ssl.keystore.certificate.chain=${written(CHAIN)}`,
      `ssl.keystore.key=${written(KEY)}`,
    ]
    expect(sslIn(file.join('\n'))).toEqual({ ca: CERTIFICATE, cert: CHAIN, key: KEY })
  })
})

test('what stands beside the certificates and the key is left out', () => {
  const ssl = sslIn({
    'ssl.ca.pem': `# an authority\n${CERTIFICATE}\n`,
    'ssl.certificate.pem': `Bag Attributes\n    localKeyID: 01\n${CHAIN}\n${KEY}`,
    'ssl.key.pem': `${pem('EC PARAMETERS', 6)}\n${KEY}\n${CERTIFICATE}`,
  })
  expect(ssl).toEqual({ ca: CERTIFICATE, cert: CHAIN, key: KEY })
})

test('the header lines of an encrypted key stay', () => {
  expect(sslIn({ 'ssl.keystore.key': OLD_KEY, 'ssl.key.password': 'secret' })).toEqual({
    key: OLD_KEY,
    passphrase: 'secret',
  })
})

test.each([
  ['ssl.keystore.key', 'the canary', '-----BEGIN PRIVATE KEY-----'],
  ['ssl.keystore.key', CERTIFICATE, '-----BEGIN PRIVATE KEY-----'],
  ['ssl.key.pem', KEY.replace('=', '?canary'), '-----BEGIN PRIVATE KEY-----'],
  ['ssl.keystore.certificate.chain', CHAIN.replace('=', '?canary'), '-----BEGIN CERTIFICATE-----'],
  ['ssl.keystore.certificate.chain', KEY, '-----BEGIN CERTIFICATE-----'],
  ['ssl.truststore.certificates', '-----BEGIN CERTIFICATE-----\nMIIB', '-----BEGIN CERTIFICATE-----'],
  ['ssl.truststore.certificates', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----', 'base64'],
])('S2: %s of something else is refused, and not repeated (%#)', (name, value, wanted) => {
  const { message } = refusalOf({ [name]: value })
  expect(message).toContain(`${name} must be PEM text`)
  expect(message).toContain(wanted)
  expect(message).not.toMatch(/canary|MIIB/)
})

function sslIn(properties: string | Record<string, string>): unknown {
  const nothing = (): void => {}
  const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
  return configFromProperties(properties, { logger }).ssl
}

function refusalOf(properties: Record<string, string>): Error {
  try {
    sslIn(properties)
  } catch (error) {
    if (error instanceof KafkaError) return error
    throw error
  }
  throw new Error('it was expected to be refused')
}

/** Of two lines, as OpenSSL writes it. */
function pem(label: string, byte: number, headers: string = ''): string {
  const base64 = Buffer.alloc(70, byte).toString('base64')
  return `-----BEGIN ${label}-----\n${headers}${base64.slice(0, 64)}\n${base64.slice(64)}\n-----END ${label}-----`
}
