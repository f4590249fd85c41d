import { errorFor, type Api } from '@linger/protocol'
import { KafkaError } from '../errors.ts'
import type { Address } from '../ports/network.ts'
import type { ConnectionSecurity, Peer } from './connection-deps.ts'
import { isSetUp, type ConnectionStage } from './connection-state.ts'
import { tlsFailed } from './tls-errors.ts'

/** What happened when the socket closed at this stage. */
const CLOSED_WHILE: Readonly<Record<ConnectionStage, string>> = {
  CONNECTING: 'cannot be reached',
  NEGOTIATING: 'closed the connection without an answer: its listener may want TLS, or it is no broker',
  AUTHENTICATING: 'closed the connection while it was told who we are',
  READY: 'closed the connection',
  DRAINING: 'closed the connection',
  REAUTHENTICATING: 'closed the connection while it was told again who we are',
}

/** @param hasServed it has answered a request of ours since it was ready */
export function connectionLost(
  peer: Peer,
  during: ConnectionStage,
  { tlsOptions, sasl }: ConnectionSecurity,
  hasServed: boolean,
  error: Error | undefined,
): KafkaError {
  if (tlsOptions !== undefined && error !== undefined && !isSetUp(during)) {
    const failure = tlsFailed(peer, error)
    if (failure !== undefined) return failure
  }
  const { host, port } = peer.address
  const isSaslWanted = during === 'READY' && !hasServed && sasl === undefined
  const isTls = during === 'NEGOTIATING' && tlsOptions !== undefined
  const what = isSaslWanted
    ? 'closed the connection at the first request: its listener may want SASL'
    : isTls
      ? 'closed the connection without an answer: it may not accept our certificate, or it is no broker'
      : CLOSED_WHILE[during]
  const reason = error === undefined ? '' : `: ${error.message}`
  return new KafkaError('NETWORK_EXCEPTION', `${host}:${port} ${what}${reason}`, {
    outcome: 'unknown',
    retriable: true,
    cause: error,
  })
}

export function unsupported({ host, port }: Address, api: Api): KafkaError {
  return new KafkaError(
    'UNSUPPORTED_VERSION',
    `${host}:${port} has no ${api.name} version that this client speaks (${api.versions})`,
    { outcome: 'never' },
  )
}

export function versionsRefused({ host, port }: Address, errorCode: number): KafkaError {
  const { name, meaning } = errorFor(errorCode)
  return new KafkaError(name, `${host}:${port} refused ApiVersions: ${meaning}`, { outcome: 'never', retriable: true })
}

export function timedOut({ host, port }: Address, what: string): KafkaError {
  return new KafkaError('REQUEST_TIMED_OUT', `${host}:${port}: ${what}`, { outcome: 'unknown', retriable: true })
}

/** A broker does not trust us, or we do not trust it, or `ssl` gave what cannot be: time alone changes nothing. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'SSL_AUTHENTICATION_FAILED',
  'INVALID_CONFIG',
])

export function isUntrusted({ code, retriable }: KafkaError): boolean {
  return UNTRUSTED.has(code) && !retriable
}
