import { errorFor } from '@linger/protocol'
import { harmless, KafkaError } from '../../errors.ts'
import type { SaslPeer } from './sasl-mechanism.ts'

const UNSUPPORTED_SASL_MECHANISM = 33
const ILLEGAL_SASL_STATE = 34

const STRANGER_CHARS_MAX = 200

/** The broker has no such mechanism, or no SASL at all. */
export function handshakeRefused(
  peer: SaslPeer,
  mechanism: string,
  errorCode: number,
  enabled: readonly string[],
): KafkaError {
  const { name, meaning } = errorFor(errorCode)
  const reason =
    errorCode === UNSUPPORTED_SASL_MECHANISM
      ? `has no SASL mechanism ${mechanism}, it has ${enabled.map(ofStranger).join(', ') || 'none'}: set sasl.mechanism to one of these`
      : errorCode === ILLEGAL_SASL_STATE
        ? 'has no SASL on this listener: set securityProtocol to PLAINTEXT or SSL, or use the port of another listener'
        : `refused the SASL handshake: ${meaning}`
  return new KafkaError(name, `${nameOf(peer)} ${reason}`, { outcome: 'never' })
}

/** The broker does not believe us. */
export function authenticationRefused(
  peer: SaslPeer,
  mechanism: string,
  errorCode: number,
  errorMessage: string | null,
): KafkaError {
  const { name, meaning } = errorFor(errorCode)
  const reason = errorMessage === null ? meaning : ofStranger(errorMessage)
  return new KafkaError(name, `${nameOf(peer)} refused ${mechanism}: ${reason}`, { outcome: 'never' })
}

/** The dialogue broke off on our side: the broker is not to be trusted, or a token could not be had. */
export function dialogueFailed(peer: SaslPeer, mechanism: string, cause: unknown): KafkaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KafkaError(
    'SASL_AUTHENTICATION_FAILED',
    `${nameOf(peer)}: ${mechanism} was broken off by this client: ${ofStranger(reason)}`,
    { outcome: 'never', cause },
  )
}

/** The broker is older than this client goes back. */
export function saslUnsupported(peer: SaslPeer): KafkaError {
  return new KafkaError(
    'UNSUPPORTED_VERSION',
    `${nameOf(peer)} speaks no SaslHandshake 1 and SaslAuthenticate: this client needs Kafka 2.1 or newer`,
    { outcome: 'never' },
  )
}

function nameOf({ host, port }: SaslPeer): string {
  return `${host}:${port}`
}

/** Who is not trusted yet has less room, and no letters but ASCII's. */
function ofStranger(text: string): string {
  return harmless(text.replaceAll(/[^\x20-\x7e]+/g, '?'), STRANGER_CHARS_MAX)
}
