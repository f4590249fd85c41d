import type { SaslMechanism } from '@linger/producer'
import { KafkaJSSASLAuthenticationError } from '../errors/network-errors.ts'
import type { SASLOptions } from './sasl-options.ts'

/** The AWS mechanism of a broker plugin that KafkaJS knows. Not that of MSK, which is AWS_MSK_IAM. */
export function awsMechanism(options: Extract<SASLOptions, { mechanism: 'aws' }>): SaslMechanism {
  return { name: 'AWS', converse: () => dialogueWith(options) }
}

async function* dialogueWith(
  options: Extract<SASLOptions, { mechanism: 'aws' }>,
): AsyncGenerator<Uint8Array, void, Uint8Array> {
  for (const name of ['authorizationIdentity', 'accessKeyId', 'secretAccessKey'] as const) {
    if (!options[name]) throw new KafkaJSSASLAuthenticationError(`SASL AWS-IAM: Missing ${name}`)
  }
  const { authorizationIdentity, accessKeyId, secretAccessKey, sessionToken = '' } = options
  yield Buffer.from([authorizationIdentity, accessKeyId, secretAccessKey, sessionToken].join('\0'))
}
