import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * SaslHandshake (API key 17) agrees on a SASL mechanism. After version 1 the tokens travel in SaslAuthenticate, after
 * version 0 bare. (KIP-43)
 *
 * @source Kafka 4.3.1 common/message/SaslHandshake{Request,Response}.json
 */
export const saslHandshake = {
  name: 'SaslHandshake',
  apiKey: 17,
  versions: '0-1',
  flexible: 'none',
  request: {
    /** The SASL mechanism chosen by the client. */
    mechanism: { type: 'string' },
  },
  response: {
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
    /** The mechanisms enabled in the server. */
    mechanisms: { type: ['string'] },
  },
} as const

saslHandshake satisfies Api

export type SaslHandshakeRequest = RequestOf<typeof saslHandshake>
export type SaslHandshakeResponse = ResponseOf<typeof saslHandshake>
