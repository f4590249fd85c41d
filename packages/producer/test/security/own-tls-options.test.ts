import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { TlsOptions } from '../../src/index.ts'
import { tlsFailed } from '../../src/network/tls-errors.ts'
import { TcpNetwork } from '../../src/ports/node/tcp-network.ts'
import { CertificateAuthority, type Certificate } from './certificates.ts'
import { closeAll, connect, connectProducer, listen } from './tls-servers.ts'

let authority: CertificateAuthority
let localhost: Certificate
let pfx: Buffer

beforeAll(() => {
  authority = new CertificateAuthority('linger test authority')
  localhost = authority.sign('localhost', { names: 'DNS:localhost' })
  pfx = authority.pkcs12('secret')
})

afterAll(() => authority.remove())

afterEach(closeAll)

// Node has no code for some of these.
describe('what cannot be used of our own is said to be that, and no broker to be out of reach:', () => {
  const cases: [string, () => TlsOptions][] = [
    ['a key that is none', () => ({ cert: localhost.cert, key: 'canary' })],
    ['the key of another certificate', () => ({ cert: authority.cert, key: localhost.key })],
    ['a pfx with another passphrase', () => ({ pfx, passphrase: 'canary' })],
    ['a pfx without its passphrase', () => ({ pfx })],
    ['a pfx that is none', () => ({ pfx: Buffer.from('canary') })],
    ['a crl that is none', () => ({ crl: 'canary' })],
    ['ciphers that are none', () => ({ ciphers: 'NO-SUCH' })],
    ['sigalgs that are none', () => ({ sigalgs: 'NO-SUCH' })],
    ['a curve that is none', () => ({ ecdhCurve: 'NO-SUCH' })],
  ]
  test.each(cases)('%s', async (_name, options) => {
    const { port, names } = await listen(localhost)
    const { error } = await connectProducer(port, { ca: authority.cert, ...options() })
    expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED', outcome: 'never', retriable: false })
    expect(error.message).toContain('our own certificate or key cannot be read, or another option not be used')
    expect(inspect(error, { depth: Infinity, showHidden: true }), 'S2').not.toContain('canary')
    expect(names).toEqual([])
  })
})

test('a pfx with its passphrase is used', async () => {
  const { port, names } = await listen({ ...localhost, requestCert: true, ca: authority.cert })
  expect(await connect(port, 'localhost', { ca: authority.cert, pfx, passphrase: 'secret' })).toBe('connected')
  await vi.waitFor(() => expect(names, 'our certificate was trusted').toHaveLength(1))
})

test('a port that cannot be is no matter of TLS', async () => {
  const end = await new Promise<Error | undefined>((resolve) => {
    const events = { onConnected: () => {}, onData: () => {}, onWritten: () => {}, onClosed: resolve }
    new TcpNetwork().connect({ host: '127.0.0.1', port: 70_000 }, events, { host: 'localhost', options: () => ({}) })
  })
  expect(end).toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' })
  const peer = { host: 'localhost', address: { host: '127.0.0.1', port: 70_000 } }
  expect(end && tlsFailed(peer, end)).toBeUndefined()
})
