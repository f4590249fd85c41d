import type { Clock } from '../../ports/clock.ts'
import type { Http } from '../../ports/http.ts'
import type { AccessToken, TokenProvider } from './access-token.ts'

const RESPONSE_BYTES_MAX = 1024 * 1024
const TIMEOUT_MS = 10_000

/** The codes of RFC 6749 are like this; anything else is not repeated. */
const ERROR_CODE = /^[a-z_]{1,40}$/

const DIGITS = /^\d{1,10}$/

/** A client id and its secret, that an OAuth server exchanges for tokens. */
export interface ClientCredentials {
  /** https; http to this machine with `allowInsecure`. */
  readonly tokenEndpointUrl: string
  /**
   * The endpoints that may be asked, written down in the program: where the URL comes from a file that others can
   * write, it cannot be turned against what this machine can reach. (CVE-2025-27817)
   */
  readonly allowedUrls: readonly string[]
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string
  /** For Auth0 and others that want it. */
  readonly audience?: string
  /** Who may have signed the endpoint's certificate. Default: the authorities that Node trusts. */
  readonly ca?: string | Uint8Array
  /** Default 10_000. */
  readonly timeoutMs?: number
}

/**
 * Gets tokens with the client credentials grant. Of the answer an error repeats its status and RFC 6749's code only:
 * it may hold a token, or, if the endpoint is not what it seems, anything else.
 *
 * @source RFC 6749 section 4.4, KIP-768
 */
export function clientCredentialsProvider(credentials: ClientCredentials, http: Http, clock: Clock): TokenProvider {
  const { tokenEndpointUrl, clientId, clientSecret, scope, audience, ca, timeoutMs = TIMEOUT_MS } = credentials
  const form = { grant_type: 'client_credentials', ...(scope && { scope }), ...(audience && { audience }) }
  return async () => {
    const secret = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')
    const askedMs = clock.wallTime()
    const { status, body } = await http.post({
      url: tokenEndpointUrl,
      headers: {
        authorization: `Basic ${secret}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: new URLSearchParams(form).toString(),
      timeoutMs,
      responseBytesMax: RESPONSE_BYTES_MAX,
      ca,
    })
    const answer = objectIn(body)
    if (status !== 200) throw new Error(`the token endpoint answered ${status}${errorCodeIn(answer)}`)
    return tokenIn(answer, askedMs)
  }
}

function tokenIn(answer: Readonly<Record<string, unknown>>, askedMs: number): AccessToken {
  const { access_token: value, expires_in: expiresIn } = answer
  if (typeof value !== 'string') throw new Error('the answer of the token endpoint has no access_token')
  if (expiresIn === undefined) return { value }
  // Some endpoints give a text, as Azure AD's first version does.
  const expiresInS = typeof expiresIn === 'string' && DIGITS.test(expiresIn) ? Number(expiresIn) : expiresIn
  if (typeof expiresInS !== 'number' || !(expiresInS > 0)) {
    throw new Error('the answer of the token endpoint has an expires_in that is no number of seconds')
  }
  return { value, expiresAtMs: askedMs + expiresInS * 1000 }
}

function objectIn(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString())
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function errorCodeIn({ error }: Readonly<Record<string, unknown>>): string {
  return typeof error === 'string' && ERROR_CODE.test(error) ? ` (${error})` : ''
}

/** RFC 6749, section 2.3.1: a colon inside of the id would end it. */
function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length)
}
