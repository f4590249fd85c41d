import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * ApiVersions (API key 18) tells which APIs and versions a broker speaks. The header of its response never has tagged
 * fields. (KIP-35)
 *
 * @source Kafka 4.3.1 common/message/ApiVersions{Request,Response}.json
 */
export const apiVersions = {
  name: 'ApiVersions',
  apiKey: 18,
  versions: '0-4',
  flexible: '3+',
  request: {
    /** The name of the client (KIP-511). */
    clientSoftwareName: { type: 'string', versions: '3+', ignorable: true },
    /** The version of the client (KIP-511). */
    clientSoftwareVersion: { type: 'string', versions: '3+', ignorable: true },
  },
  response: {
    /** The top-level error code. */
    errorCode: { type: 'int16' },
    /** The APIs supported by the broker. */
    apiKeys: {
      type: [
        {
          /** The API index. */
          apiKey: { type: 'int16' },
          /** The minimum supported version, inclusive. */
          minVersion: { type: 'int16' },
          /** The maximum supported version, inclusive. */
          maxVersion: { type: 'int16' },
        },
      ],
    },
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    /**
     * Features supported by the broker. Note: in v0-v3, features with MinSupportedVersion = 0 are omitted (KIP-584).
     */
    supportedFeatures: {
      versions: '3+',
      tag: 0,
      ignorable: true,
      type: [
        {
          /** The name of the feature. */
          name: { type: 'string' },
          /** The minimum supported version for the feature. */
          minVersion: { type: 'int16' },
          /** The maximum supported version for the feature. */
          maxVersion: { type: 'int16' },
        },
      ],
    },
    /** The monotonically increasing epoch for the finalized features information. Valid values are >= 0 (KIP-584). */
    finalizedFeaturesEpoch: { type: 'int64', versions: '3+', tag: 1, default: -1n, ignorable: true },
    /**
     * List of cluster-wide finalized features. The information is valid only if FinalizedFeaturesEpoch >= 0
     * (KIP-584).
     */
    finalizedFeatures: {
      versions: '3+',
      tag: 2,
      ignorable: true,
      type: [
        {
          /** The name of the feature. */
          name: { type: 'string' },
          /** The cluster-wide finalized max version level for the feature. */
          maxVersionLevel: { type: 'int16' },
          /** The cluster-wide finalized min version level for the feature. */
          minVersionLevel: { type: 'int16' },
        },
      ],
    },
    /** Set by a KRaft controller if the required configurations for ZK migration are present (KIP-866). */
    zkMigrationReady: { type: 'bool', versions: '3+', tag: 3, default: false, ignorable: true },
  },
} as const

apiVersions satisfies Api

export type ApiVersionsRequest = RequestOf<typeof apiVersions>
export type ApiVersionsResponse = ResponseOf<typeof apiVersions>
