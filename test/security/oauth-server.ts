import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { USER, type SecureKafka } from './secure-kafka.ts'

const TOKEN_LIFETIME_S = 60

/** Gives tokens that the broker believes to one client, over https on this machine. */
export interface OauthServer {
  readonly tokenEndpointUrl: string
  /** What clients said that they are (the Authorization header). */
  readonly asked: readonly string[]
  close(): void
}

export async function startOauthServer(
  { server: certificate, signingKey }: Pick<SecureKafka, 'server' | 'signingKey'>,
  clientId: string,
  clientSecret: string,
): Promise<OauthServer> {
  const asked: string[] = []
  const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const server = createServer({ ...certificate }, (request, response) => {
    const { authorization = '' } = request.headers
    asked.push(authorization)
    const token = signingKey.token(USER, TOKEN_LIFETIME_S * 1000)
    const isRight = authorization === expected
    const answer = isRight
      ? { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFETIME_S }
      : { error: 'invalid_client' }
    response.writeHead(isRight ? 200 : 401).end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server of TCP has a port
  const { port } = server.address() as AddressInfo
  return { tokenEndpointUrl: `https://localhost:${port}/token`, asked, close: () => void server.close() }
}
