import { KafkaError } from '../errors.ts'

export function brokerGone(): KafkaError {
  return disconnected('the broker has left its address, says metadata')
}

export function unanswered(durationMs: number): KafkaError {
  return disconnected(`no broker answered a Metadata request within ${durationMs} ms: back to the bootstrap servers`)
}

export function rebootstrapRequired(): KafkaError {
  return disconnected('a broker answered REBOOTSTRAP_REQUIRED: back to the bootstrap servers')
}

function disconnected(message: string): KafkaError {
  return new KafkaError('NETWORK_EXCEPTION', message, { outcome: 'unknown', retriable: true })
}
