import type { Headers, ProducerRecord as EngineRecord } from '@linger/producer'
import type { IHeaders, Message } from './message.ts'

type Payload = Buffer | string | null

/**
 * A message as the engine takes it.
 *
 * @throws TypeError, SyntaxError when a key, value or timestamp cannot be written, the same as KafkaJS
 */
export function recordOf(topic: string, partition: number, message: Message): EngineRecord {
  const { key = null, value, headers, timestamp } = message
  const record = { topic, partition, key: payloadOf(key), value: payloadOf(value) }
  // Most messages have neither, and as KafkaJS has it an empty timestamp is none.
  if (headers === undefined && !timestamp) return record
  return {
    ...record,
    ...(headers === undefined ? undefined : { headers: headersOf(headers) }),
    ...(timestamp ? { timestamp: millisecondsOf(timestamp) } : undefined),
  }
}

function payloadOf(payload: Payload): Payload {
  // Node's own sentence on what cannot be bytes is what users of KafkaJS see.
  if (payload !== null && typeof payload !== 'string') Buffer.byteLength(payload)
  return payload
}

function millisecondsOf(timestamp: string): number {
  const milliseconds = Number(timestamp)
  if (!Number.isSafeInteger(milliseconds)) BigInt(timestamp) // what is no whole number is a SyntaxError there
  return milliseconds
}

/** A list of values is a header that is there several times. */
function headersOf(headers: IHeaders): Headers {
  return Object.entries(headers).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
  )
}
