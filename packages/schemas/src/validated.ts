import { KafkaError, type Serializer } from '@linger/producer'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** Said at once; one value may be wrong in many places. */
const ISSUES_MAX = 5

/** What a validator answers, now or later. */
type Validated<Schema extends StandardSchemaV1> = ReturnType<
  StandardSchemaV1<unknown, StandardSchemaV1.InferOutput<Schema>>['~standard']['validate']
>

/**
 * Puts a validator before a serializer: any that speaks Standard Schema, as zod, valibot and arktype do. What it makes of
 * the value, with defaults and conversions, is what is written.
 *
 * A value that does not fit fails with INVALID_ARGUMENT and outcome 'never', and the error names the fields. A validator
 * that answers a promise makes the records of its topic wait for each other, as an asynchronous serializer does.
 *
 * @param serializer of what comes out of the validator
 */
export function validated<Schema extends StandardSchemaV1>(
  schema: Schema,
  serializer: Serializer<StandardSchemaV1.InferOutput<Schema>>,
): Serializer<StandardSchemaV1.InferInput<Schema>> {
  return (data, topic) => {
    const result: Validated<Schema> = schema['~standard'].validate(data)
    if (result instanceof Promise) return result.then((later) => serializer(outputOf(later, topic), topic))
    return serializer(outputOf(result, topic), topic)
  }

  function outputOf(
    result: StandardSchemaV1.Result<StandardSchemaV1.InferOutput<Schema>>,
    topic: string,
  ): StandardSchemaV1.InferOutput<Schema> {
    if (result.issues !== undefined) throw invalid(topic, result.issues)
    return result.value
  }
}

function invalid(topic: string, issues: readonly StandardSchemaV1.Issue[]): KafkaError {
  const said = issues.slice(0, ISSUES_MAX).map(({ path = [], message }) => {
    const field = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.')
    return field === '' ? message : `${field}: ${message}`
  })
  const more = issues.length > ISSUES_MAX ? `; and ${issues.length - ISSUES_MAX} more` : ''
  return new KafkaError(
    'INVALID_ARGUMENT',
    `${topic}: it does not fit its schema: ${said.join('; ')}${more}. The record was not sent: change it, or the schema`,
    { outcome: 'never', cause: issues },
  )
}
