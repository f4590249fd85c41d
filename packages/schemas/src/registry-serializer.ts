import { KafkaError, type Serializer } from '@linger/producer'

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
export function failureOf(topic: string, error: unknown): KafkaError {
  const reason = error instanceof Error ? error.message : String(error)
  if (isOfRegistry(error)) {
    // 4xx: the registry has understood, and will not do it.
    const isRefusal =
      'status' in error && Number(error.status) >= 400 && Number(error.status) < 500 && error.status !== 429
    return new KafkaError(
      'SCHEMA_REGISTRY_FAILED',
      `${topic}: the schema registry ${isRefusal ? 'refused' : 'failed'}: ${reason}`,
      {
        outcome: 'never',
        retriable: !isRefusal,
        cause: error,
      },
    )
  }
  return new KafkaError(
    'INVALID_ARGUMENT',
    `${topic}: it does not fit its schema: ${reason}. The record was not sent: change it, or the schema`,
    { outcome: 'never', cause: error },
  )
}

/** It answered with a status, or did not answer: axios marks what went wrong on the way. */
function isOfRegistry(
  error: unknown,
): error is Error & ({ readonly status: unknown } | { readonly isAxiosError: unknown }) {
  return error instanceof Error && ('status' in error || 'isAxiosError' in error)
}
