import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * SaslAuthenticate (API key 36) carries one SASL token each way. (KIP-152)
 *
 * @source Kafka 4.3.1 common/message/SaslAuthenticate{Request,Response}.json
 */
export const saslAuthenticate = {
  name: 'SaslAuthenticate',
  apiKey: 36,
  versions: '0-2',
  flexible: '2+',
  request: {
    /** The SASL authentication bytes from the client, as defined by the SASL mechanism. */
    authBytes: { type: 'bytes' },
  },
  response: {
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
    /** The error message, or null if there was no error. */
    errorMessage: { type: 'string', nullable: '0+' },
    /** The SASL authentication bytes from the server, as defined by the SASL mechanism. */
    authBytes: { type: 'bytes' },
    /**
     * Number of milliseconds after which only re-authentication over the existing connection to create a new session
     * can occur (KIP-368).
     */
    sessionLifetimeMs: { type: 'int64', versions: '1+', default: 0n, ignorable: true },
  },
} as const

saslAuthenticate satisfies Api

export type SaslAuthenticateRequest = RequestOf<typeof saslAuthenticate>
export type SaslAuthenticateResponse = ResponseOf<typeof saslAuthenticate>
