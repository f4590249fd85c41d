import { KafkaError } from '../errors.ts'
import type { Address } from '../ports/network.ts'

/** The error for bytes that are no Kafka answer, with a guess at what the peer speaks. */
export function notKafka({ host, port }: Address, chunk: Uint8Array, cause: unknown): KafkaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KafkaError('NOT_KAFKA', `${host}:${port} ${guess(chunk)} (${reason})`, { outcome: 'unknown', cause })
}

function guess(chunk: Uint8Array): string {
  if (Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, 5)).toString('latin1') === 'HTTP/') {
    return 'answered with HTTP: this is not a Kafka port'
  }
  const isTlsRecord = (chunk[0] === 0x15 || chunk[0] === 0x16) && chunk[1] === 0x03
  if (isTlsRecord) return 'answered with TLS: this listener wants an encrypted connection'
  return 'does not answer as Kafka does'
}
