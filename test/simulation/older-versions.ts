import type { Interceptor } from '@linger/broker'
import {
  apiForKey,
  apiVersions,
  codecFor,
  decodeResponseFrame,
  encodeResponseFrame,
  type ResponseOf,
} from '@linger/protocol'

const UNSUPPORTED_VERSION = 35
const SIZE_BYTES = 4

/** Brokers that speak no newer versions than these, by the name of the API. */
export function olderVersions(newest: Readonly<Record<string, number>>): Interceptor {
  const limited = (apiKeys: ResponseOf<typeof apiVersions>['apiKeys']): typeof apiKeys =>
    apiKeys.flatMap((range) => {
      const maxVersion = Math.min(range.maxVersion, newest[apiForKey(range.apiKey)?.name ?? ''] ?? range.maxVersion)
      return maxVersion < range.minVersion ? [] : [{ ...range, maxVersion }]
    })

  return ({ apiKey, apiVersion }) => {
    if (apiKey !== apiVersions.apiKey || Object.keys(newest).length === 0) return undefined
    const isTooNew = apiVersion > (newest[apiVersions.name] ?? apiVersion)
    return {
      kind: 'alter',
      alter: (frame) => {
        const { correlationId, response } = decodeResponseFrame(
          codecFor(apiVersions, apiVersion),
          frame.subarray(SIZE_BYTES),
        )
        const apiKeys = limited(response.apiKeys)
        // @source KIP-511: what is too new is answered in version 0, with what is spoken
        if (!isTooNew)
          return encodeResponseFrame(codecFor(apiVersions, apiVersion), correlationId, { ...response, apiKeys })
        const answer = { errorCode: UNSUPPORTED_VERSION, apiKeys }
        return encodeResponseFrame(codecFor(apiVersions, 0), correlationId, answer)
      },
    }
  }
}
