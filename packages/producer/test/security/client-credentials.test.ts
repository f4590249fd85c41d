import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AccessToken } from '../../src/index.ts'
import { clientCredentialsProvider } from '../../src/network/sasl/client-credentials.ts'
import { NodeHttp } from '../../src/ports/node/node-http.ts'
import { SystemClock } from '../../src/ports/node/system-clock.ts'
import { CertificateAuthority } from './certificates.ts'

const CANARY = 'canary-of-oauth'

let authority: CertificateAuthority
const servers: Server[] = []
beforeAll(() => (authority = new CertificateAuthority('linger test authority')))
afterAll(() => authority.remove())
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Asked {
  readonly request: IncomingMessage
  readonly body: string
}

/** A token endpoint on this machine, and what it was asked. */
async function endpoint(
  answer: (response: ServerResponse) => void,
  isEncrypted: boolean = false,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.once('end', () => {
      asked.push({ request, body })
      answer(response)
    })
  }
  const server = isEncrypted
    ? createTlsServer(authority.sign('localhost', { names: 'DNS:localhost' }), onRequest)
    : createServer(onRequest)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { url: `${isEncrypted ? 'https' : 'http'}://localhost:${address.port}/token`, asked }
}

function tokenFrom(tokenEndpointUrl: string, more: object = {}): Promise<AccessToken> {
  const credentials = {
    tokenEndpointUrl,
    allowedUrls: [tokenEndpointUrl],
    clientId: 'orders',
    clientSecret: CANARY,
    ...more,
  }
  return Promise.resolve(clientCredentialsProvider(credentials, new NodeHttp(), new SystemClock())())
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.catch((reason: unknown) => reason)
  if (!(error instanceof Error)) throw new Error('it was expected to fail')
  expect(inspect(error, { depth: Infinity, showHidden: true }), 'S2').not.toContain('canary')
  return error
}

const json =
  (answer: unknown, status: number = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))

describe('client credentials', () => {
  test('are exchanged for a token, as RFC 6749 says', async () => {
    const { url, asked } = await endpoint(json({ access_token: 'abc', expires_in: 60, token_type: 'Bearer' }))
    const beforeMs = Date.now()
    const token = await tokenFrom(url, { clientId: 'or:ders', scope: 'kafka write', audience: 'urn:kafka' })
    expect(token.value).toBe('abc')
    expect(token.expiresAtMs).toBeGreaterThanOrEqual(beforeMs + 60_000)
    expect(token.expiresAtMs).toBeLessThanOrEqual(Date.now() + 60_000)
    const { request, body } = asked[0] ?? { request: undefined, body: '' }
    expect(request?.method).toBe('POST')
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from(`or%3Aders:${CANARY}`).toString('base64')}`)
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'kafka write',
      audience: 'urn:kafka',
    })
  })

  test('are exchanged for a token whose expires_in is a text', async () => {
    const { url } = await endpoint(json({ access_token: 'abc', expires_in: '3599' }))
    const beforeMs = Date.now()
    const { expiresAtMs } = await tokenFrom(url)
    expect(expiresAtMs).toBeGreaterThanOrEqual(beforeMs + 3_599_000)
    expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 3_599_000)
  })

  test('are given to a server only if its certificate is right', async () => {
    const { url, asked } = await endpoint(json({ access_token: 'abc' }), true)
    await failureOf(tokenFrom(url))
    await failureOf(tokenFrom(url.replace('localhost', '127.0.0.1'), { ca: authority.cert }))
    expect(asked).toEqual([])
    expect(await tokenFrom(url, { ca: authority.cert })).toEqual({ value: 'abc' })
  })
})

describe('fault 85, S3: a token endpoint', () => {
  test.each(['file:///etc/passwd', 'http://169.254.169.254/latest', 'https://elsewhere.example.com/'])(
    'that redirects to %s is not followed',
    async (location) => {
      const { url, asked } = await endpoint((response) => void response.writeHead(302, { location }).end(CANARY))
      expect((await failureOf(tokenFrom(url))).message).toBe('the token endpoint answered 302')
      expect(asked).toHaveLength(1)
    },
  )

  test('that answers more than 1 MiB is not read to its end', async () => {
    let sentBytes = 0
    const { url } = await endpoint((response) => {
      const chunk = Buffer.alloc(64 * 1024, 'canary')
      const more = (): void => {
        while (sentBytes < 100 * 1024 * 1024 && response.writable) {
          sentBytes += chunk.length
          if (!response.write(chunk)) return
        }
      }
      response.on('drain', more).on('error', () => {})
      more()
    })
    expect((await failureOf(tokenFrom(url))).message).toBe('an answer of more than 1048576 bytes')
    expect(sentBytes).toBeLessThan(20 * 1024 * 1024)
  })

  test('that never answers is given up after timeoutMs', async () => {
    const { url } = await endpoint(() => {})
    expect((await failureOf(tokenFrom(url, { timeoutMs: 50 }))).message).toBe('no answer within 50 ms')
  })

  test('that drips is given up after timeoutMs', async () => {
    const { url } = await endpoint((response) => {
      response.on('error', () => {}).write('{')
    })
    await failureOf(tokenFrom(url, { timeoutMs: 50 }))
  })

  test('that is down says so', async () => {
    expect((await failureOf(tokenFrom('http://localhost:1/token'))).message).toContain('ECONNREFUSED')
  })

  test.each([
    [
      json({ error: 'invalid_client', error_description: CANARY }, 401),
      /^the token endpoint answered 401 \(invalid_client\)$/,
    ],
    [json({ error: `${CANARY} and more` }, 400), /^the token endpoint answered 400$/],
    [json({}, 500), /^the token endpoint answered 500$/],
    [json({}), /has no access_token$/],
    [json(null), /has no access_token$/],
    [json([CANARY]), /has no access_token$/],
    [json({ access_token: 5 }), /has no access_token$/],
    [json({ access_token: 'a', expires_in: CANARY }), /is no number of seconds$/],
    [json({ access_token: 'a', expires_in: -1 }), /is no number of seconds$/],
    [json({ access_token: 'a', expires_in: '' }), /is no number of seconds$/],
    [json({ access_token: 'a', expires_in: '0' }), /is no number of seconds$/],
    [(response: ServerResponse) => void response.end(`<html>${CANARY}`), /has no access_token$/],
  ])('whose answer is no token is refused, and not repeated (%#)', async (answer, message) => {
    const { url } = await endpoint(answer)
    expect((await failureOf(tokenFrom(url))).message).toMatch(message)
  })
})
