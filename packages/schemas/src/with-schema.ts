import type { Serializer } from '@linger/producer'
import { registryFailure, registrySerializer, type RegistrySerializer } from './registry-serializer.ts'

/** The client of `@confluentinc/schemaregistry`, as far as it is needed. */
export interface SchemaRegistry {
  register(subject: string, schema: { schemaType: string; schema: string }, normalize?: boolean): Promise<number>
  /** Forgets what the registry has answered. */
  clearCaches?(): void
}

export interface SchemaOptions {
  readonly client: SchemaRegistry
  /** 'AVRO' or 'JSON', and the schema as JSON. */
  readonly schema: { readonly schemaType: string; readonly schema: string }
  /** Of keys. Default: of values. */
  readonly isKey?: boolean
  /** Default: Confluent's, `<topic>-key` or `<topic>-value`. The serializer needs the same. */
  readonly subject?: (topic: string) => string
  /** Makes a serializer of `@confluentinc/schemaregistry` that uses the schema with this id. */
  readonly serializer: (config: { readonly useSchemaId: number }) => RegistrySerializer
}

/**
 * Writes Confluent's wire format with a schema of the program's own, which is registered for each topic when the first
 * record goes to it. Ids are kept; a registration that failed is tried again by the next record.
 *
 * @returns fails as {@link registrySerializer} does; also when the registry finds the schema incompatible
 */
export function withSchema<Data = unknown>(options: SchemaOptions): Serializer<Data> {
  const { client, schema, isKey = false, serializer } = options
  const subjectOf = options.subject ?? ((topic: string) => `${topic}-${isKey ? 'key' : 'value'}`)
  const byTopic = new Map<string, Promise<Serializer<Data>>>()

  const register = async (topic: string): Promise<Serializer<Data>> => {
    const useSchemaId = await registeredId(client, topic, subjectOf(topic), schema)
    return registrySerializer<Data>(serializer({ useSchemaId }))
  }
  return async (data, topic) => {
    let registered = byTopic.get(topic)
    if (registered === undefined) {
      registered = register(topic)
      byTopic.set(topic, registered)
      registered.catch(() => byTopic.delete(topic))
    }
    const serialize = await registered
    return serialize(data, topic)
  }
}

/** @throws KafkaError SCHEMA_REGISTRY_FAILED, whatever has failed: nothing was looked at yet but the schema */
async function registeredId(
  client: SchemaRegistry,
  topic: string,
  subject: string,
  schema: SchemaOptions['schema'],
): Promise<number> {
  let id: unknown
  try {
    id = await client.register(subject, { ...schema })
  } catch (error) {
    throw registryFailure(topic, error)
  }
  if (isId(id)) return id
  // A proxy may answer in the registry's place: 200, and a page to log in. The client keeps that as an answer.
  client.clearCaches?.()
  throw registryFailure(topic, new Error(`it answered without the id of the schema of ${subject}`))
}

function isId(id: unknown): id is number {
  return Number.isInteger(id)
}
