import type { SaslMechanism } from '@linger/producer'
import type { SASLOptions } from './sasl-options.ts'

/** The AWS mechanism of a broker plugin that KafkaJS knows. Not that of MSK, which is AWS_MSK_IAM. */
export function awsMechanism(options: Extract<SASLOptions, { mechanism: 'aws' }>): SaslMechanism {
  return { name: 'AWS', converse: () => dialogueWith(options) }
}

async function* dialogueWith(
  options: Extract<SASLOptions, { mechanism: 'aws' }>,
): AsyncGenerator<Uint8Array, void, Uint8Array> {
  const { authorizationIdentity, accessKeyId, secretAccessKey, sessionToken = '' } = options
  yield Buffer.from([authorizationIdentity, accessKeyId, secretAccessKey, sessionToken].join('\0'))
}
