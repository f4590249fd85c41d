import { apiVersions, type ApiVersionsRequest, codecFor, encodeResponseFrame } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { type Answer, type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'

const FIRST_VERSION_WITH_SOFTWARE_NAME = 3
/** Java clients before could not read a feature that goes down to 0. @source KAFKA-17492 */
const FIRST_VERSION_WITH_LEVEL_0 = 4
/** @source KIP-511 */
const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

interface AdvertisedVersions {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/** @param handlers all others of this broker: what is told is what is there */
export function apiVersionsHandler(handlers: readonly ApiHandler[]): ApiHandler {
  const apiKeys = [...handlers.map(advertisedVersions), advertisedVersions({ api: apiVersions })]
  apiKeys.sort((a, b) => a.apiKey - b.apiKey)
  return handlerFor(apiVersions, (context, request) => handleApiVersions(apiKeys, context, request))
}

function handleApiVersions(
  apiKeys: readonly AdvertisedVersions[],
  context: RequestContext,
  request: ApiVersionsRequest,
): Outcome<typeof apiVersions> {
  const isNamed = SOFTWARE_NAME.test(request.clientSoftwareName) && SOFTWARE_NAME.test(request.clientSoftwareVersion)
  if (context.apiVersion >= FIRST_VERSION_WITH_SOFTWARE_NAME && !isNamed) {
    return { response: { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] } }
  }
  const { features } = context.cluster
  return {
    response: {
      errorCode: ErrorCode.NONE,
      apiKeys,
      supportedFeatures: features.supported.filter(
        ({ minVersion }) => minVersion > 0 || context.apiVersion >= FIRST_VERSION_WITH_LEVEL_0,
      ),
      finalizedFeaturesEpoch: BigInt(features.epoch),
      finalizedFeatures: features.finalized,
    },
  }
}

/**
 * The answer to a version of ApiVersions from the future: in version 0, which every client can read, with the versions
 * of ApiVersions only.
 *
 * @source KIP-511
 */
export function unsupportedApiVersions(correlationId: number): Answer {
  const response = { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys: [advertisedVersions({ api: apiVersions })] }
  return { kind: 'response', frame: encodeResponseFrame(codecFor(apiVersions, 0), correlationId, response) }
}

function advertisedVersions(handler: Pick<ApiHandler, 'api' | 'minVersionAdvertised'>): AdvertisedVersions {
  const [minVersion, maxVersion] = handler.api.versions.split('-')
  return {
    apiKey: handler.api.apiKey,
    minVersion: handler.minVersionAdvertised ?? Number(minVersion),
    maxVersion: Number(maxVersion),
  }
}
