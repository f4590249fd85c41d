import { KafkaError, type Serializer } from '@linger/producer'

/** Those of 4xx that say nothing of what was asked: Request Timeout and Too Many Requests. */
const LATER_STATUSES: ReadonlySet<number> = new Set([408, 429])

/** A serializer of `@confluentinc/schemaregistry`: for Avro, JSON Schema or Protobuf. */
export interface RegistrySerializer {
  serialize(topic: string, data: unknown): Promise<Uint8Array>
}

/**
 * Writes Confluent's wire format with a serializer of `@confluentinc/schemaregistry`, configured as its users know it.
 *
 * What does not fit its schema fails with INVALID_ARGUMENT, and what the registry does not answer with
 * SCHEMA_REGISTRY_FAILED; both with outcome 'never'. Records of a topic are sent in the order of the calls.
 */
export function registrySerializer<Data = unknown>(serializer: RegistrySerializer): Serializer<Data> {
  return async (data, topic) => {
    try {
      return await serializer.serialize(topic, data)
    } catch (error) {
      throw failureOf(topic, error)
    }
  }
}

/** What went wrong with a record, its schema or the registry. */
function failureOf(topic: string, error: unknown): KafkaError {
  if (isOfRegistry(error)) return registryFailure(topic, error)
  return new KafkaError(
    'INVALID_ARGUMENT',
    `${topic}: it does not fit its schema: ${reasonOf(error)}. The record was not sent: change it, or the schema`,
    { outcome: 'never', cause: error },
  )
}

/** What the registry refused, or what it, or whoever is asked before it, did not answer. */
export function registryFailure(topic: string, error: unknown): KafkaError {
  const isRefused = isRefusal(error)
  return new KafkaError(
    'SCHEMA_REGISTRY_FAILED',
    `${topic}: the schema registry ${isRefused ? 'refused' : 'failed'}: ${reasonOf(error)}`,
    { outcome: 'never', retriable: !isRefused, cause: error },
  )
}

/**
 * It answered with a status, or did not answer: axios marks what went wrong on the way. Of an OAuth server that gave no
 * token the client makes an error with neither.
 *
 * @source @confluentinc/schemaregistry 1.10 oauth/abstract-oauth-client
 */
function isOfRegistry(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return 'status' in error || 'isAxiosError' in error || error.message.startsWith('Failed to get token from server')
}

/** 4xx: the registry has understood, and will not do it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error && 'status' in error)) return false
  const status = Number(error.status)
  return status >= 400 && status < 500 && !LATER_STATUSES.has(status)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
