import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { KafkaError, Producer } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'

const CANARY = 'canary-of-config'

const logged: string[] = []
const log = (message: string): void => void logged.push(message)
const logger = { debug: log, info: log, warn: log, error: log }

function producerWith(config: object): Producer {
  return new Producer(unchecked({ bootstrapServers: 'broker-1:9092', logger, ...config }))
}

function refusalOf(config: object): string {
  try {
    producerWith(config)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    expect(error.code).toBe('INVALID_CONFIG')
    expect(inspect(error, { depth: Infinity, showHidden: true }), 'S2').not.toContain('canary')
    return error.message
  }
  throw new Error('it was expected to be refused')
}

const plain = { mechanism: 'PLAIN', username: 'orders', password: CANARY }
const scram = { ...plain, mechanism: 'SCRAM-SHA-512' }
const url = 'https://login.example.com/token'
const credentials = { tokenEndpointUrl: url, allowedUrls: [url], clientId: 'orders', clientSecret: CANARY }
const bearer = { mechanism: 'OAUTHBEARER', clientCredentials: credentials }
const token = (): { value: string } => ({ value: CANARY })

describe('a configuration that cannot be meant is refused, and no secret repeated:', () => {
  const cases: [object, RegExp][] = [
    [{ securityProtocol: 'TLS' }, /securityProtocol must be 'PLAINTEXT' or 'SSL'/],
    [{ sasl: plain }, /^sasl needs securityProtocol 'SASL_SSL', not 'PLAINTEXT'$/],
    [{ ssl: {} }, /^ssl needs securityProtocol 'SSL' or 'SASL_SSL', not 'PLAINTEXT'$/],
    [{ securityProtocol: 'SASL_PLAINTEXT', ssl: {}, sasl: scram }, /^ssl needs securityProtocol/],
    [{ securityProtocol: 'SASL_SSL' }, /needs sasl: \{ mechanism/],
    [{ securityProtocol: 'SSL', sasl: plain }, /^sasl needs securityProtocol/],
    [{ securityProtocol: 'SASL_SSL', sasl: CANARY }, /^sasl.mechanism must be one of PLAIN, SCRAM-SHA-256/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...plain, mechanism: CANARY } }, /^sasl.mechanism must be one of/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...plain, mechanism: 'toString' } }, /^sasl.mechanism must be one of/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...plain, password: 12 } }, /^sasl.password must be a string/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...plain, password: `${CANARY}\0` } }, /^sasl.password must be/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...plain, username: '' } }, /^sasl.username must be/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...plain, user: 'x' } }, /^sasl.user is not known: sasl has mechanism/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...scram, maxIterations: 100 } }, /^sasl.maxIterations must be/],
    [{ securityProtocol: 'SASL_SSL', sasl: { mechanism: 'OAUTHBEARER' } }, /needs either sasl.token or/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...bearer, token } }, /needs either sasl.token or/],
    [{ securityProtocol: 'SASL_SSL', sasl: { mechanism: 'OAUTHBEARER', token: CANARY } }, /^sasl.token must be/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...bearer, extensions: { auth: CANARY } } }, /^sasl.extensions must/],
    [{ securityProtocol: 'SASL_SSL', sasl: { ...bearer, extensions: { a: `${CANARY}\u0001` } } }, /^sasl.extensions/],
    [{ securityProtocol: 'SASL_SSL', sasl: { mechanism: { name: 'X' } } }, /^sasl.mechanism must be one of/],
  ]
  test.each(cases)('%#: %o', (config, message) => {
    expect(refusalOf(config)).toMatch(message)
  })
})

describe('S14: a secret that anyone on the way could read', () => {
  const custom = { mechanism: { name: 'CUSTOM', converse: () => unchecked(undefined) } }
  test.each([plain, { mechanism: 'OAUTHBEARER', token }, custom])('is refused without TLS: %o', (sasl) => {
    expect(refusalOf({ securityProtocol: 'SASL_PLAINTEXT', sasl })).toContain('lets anyone on the way read it')
  })

  test.each([1, 'true', null])('is refused whatever allowInsecure is but true: %j', (allowInsecure) => {
    expect(refusalOf({ securityProtocol: 'SASL_PLAINTEXT', sasl: { ...plain, allowInsecure } })).toContain('Insecure')
  })

  test('is allowed with allowInsecure true, and a warning', () => {
    logged.length = 0
    producerWith({ securityProtocol: 'SASL_PLAINTEXT', sasl: { ...plain, allowInsecure: true } })
    expect(logged.join('\n')).toContain('sasl.allowInsecure is true: the secret of PLAIN travels')
    expect(logged.join('\n')).not.toContain('canary')
  })

  test('is none in SCRAM', () => {
    producerWith({ securityProtocol: 'SASL_PLAINTEXT', sasl: scram })
  })
})

describe('S11: ssl.rejectUnauthorized', () => {
  test.each([undefined, null, 0, 'false', 'no'])('is refused when it is %j', (rejectUnauthorized) => {
    expect(refusalOf({ securityProtocol: 'SSL', ssl: { rejectUnauthorized } })).toContain('literally false')
  })

  test('is warned of when it is false', () => {
    logged.length = 0
    producerWith({ securityProtocol: 'SSL', ssl: { rejectUnauthorized: false } })
    expect(logged.join('\n')).toContain('anyone on the way can pass for a broker')
  })
})

test.each([
  [{ servername: 'broker' }, /^ssl.servername cannot be set/],
  [{ minVersion: 'TLSv1.1' }, /^ssl.minVersion must be 'TLSv1.2' or 'TLSv1.3'/],
  [{ key: 5 }, /^ssl.key must be a PEM text/],
  [{ ca: [] }, /^ssl.ca must be a PEM text/],
  [{ passphrase: { CANARY } }, /^ssl.passphrase must be a string/],
  [{ secureProtocol: 'SSLv3_method' }, /^ssl.secureProtocol is not known: ssl has ca, cert/],
])('S13: ssl %o is refused', (ssl, message) => {
  expect(refusalOf({ securityProtocol: 'SSL', ssl })).toMatch(message)
})

describe('S3: a token endpoint', () => {
  const refused: [string, object, RegExp][] = [
    ['of http', { tokenEndpointUrl: 'http://login.example.com/' }, /must be an https URL/],
    [
      'of http on this machine, without allowInsecure',
      { tokenEndpointUrl: 'http://localhost/' },
      /must be an https URL/,
    ],
    ['of a file', { tokenEndpointUrl: 'file:///etc/passwd' }, /must be an https URL/],
    ['of data', { tokenEndpointUrl: 'data:,x' }, /must be an https URL/],
    ['with a user', { tokenEndpointUrl: `https://a:${CANARY}@login.example.com/` }, /must be an https URL/],
    ['that is no URL', { tokenEndpointUrl: 'login' }, /must be an https URL/],
  ]
  test.each(refused)('%s is refused', (_name, { tokenEndpointUrl }: { tokenEndpointUrl?: string }, message) => {
    const clientCredentials = { ...credentials, tokenEndpointUrl, allowedUrls: [tokenEndpointUrl] }
    expect(refusalOf({ securityProtocol: 'SASL_SSL', sasl: { ...bearer, clientCredentials } })).toMatch(message)
  })

  test.each([undefined, [], ['https://login.example.com/'], url])('that is not in the list %o is refused', (list) => {
    const clientCredentials = { ...credentials, allowedUrls: list }
    expect(refusalOf({ securityProtocol: 'SASL_SSL', sasl: { ...bearer, clientCredentials } })).toContain('allowedUrls')
  })
})

describe('S17: what stands on a prototype', () => {
  test.each(['allowInsecure', '__proto__'])('is no setting: %s', (key) => {
    const sasl: object = unchecked(JSON.parse(JSON.stringify(plain).replace('{', `{"${key}":{"allowInsecure":true},`)))
    expect(refusalOf({ securityProtocol: 'SASL_PLAINTEXT', sasl })).toMatch(/allowInsecure|is not known/)
  })

  test('is no setting: inherited', () => {
    const sasl = { ...plain }
    Object.setPrototypeOf(sasl, { allowInsecure: true })
    expect(refusalOf({ securityProtocol: 'SASL_PLAINTEXT', sasl })).toContain('lets anyone on the way read it')
  })
})

test('S2: neither a producer nor its parts show a secret', () => {
  const ssl = { key: CANARY, passphrase: CANARY, cert: CANARY, ca: CANARY }
  for (const sasl of [plain, scram, bearer, { mechanism: 'OAUTHBEARER', token }]) {
    const producer = producerWith({ securityProtocol: 'SASL_SSL', ssl, sasl })
    for (const shown of [inspect(producer, { depth: Infinity, showHidden: true }), JSON.stringify(producer)]) {
      expect(shown).not.toContain('canary')
    }
  }
})
