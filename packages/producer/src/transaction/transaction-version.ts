import { endTxn, initProducerId, produce, txnOffsetCommit, type Api, type ApiVersionsResponse } from '@linger/protocol'

/** @source Kafka TransactionVersion.FEATURE_NAME */
const FEATURE_NAME = 'transaction.version'

/** What transactions v2 are made of (KIP-890). */
const V2_VERSIONS: readonly (readonly [Api, number])[] = [
  [produce, 12],
  [txnOffsetCommit, 5],
  [endTxn, 5],
]

/** From this version on a producer may ask for the next epoch of its id (KIP-360). */
export const EPOCH_BUMP_VERSION = 3

/**
 * Which transactions the cluster does: brokers may speak the versions of v2 long before the cluster has agreed on it, so
 * both are asked for. Of what several brokers say, the newest agreement counts.
 *
 * @source KIP-584, KIP-890
 */
export class TransactionVersion {
  #featuresEpoch = -1n
  #isV2 = false
  #canBump = true
  #askedMs = -Infinity

  get isV2(): boolean {
    return this.#isV2
  }

  /** A producer can have a new epoch without taking over. */
  get canBump(): boolean {
    return this.#canBump
  }

  /**
   * Asks again when what was said is older than `maxAgeMs`.
   *
   * @param ask false when nobody can be asked now
   * @returns true when it is not old, or was asked
   */
  refresh(
    nowMs: number,
    maxAgeMs: number,
    ask: (onVersions: (response: ApiVersionsResponse) => void) => boolean,
  ): boolean {
    if (nowMs - this.#askedMs < maxAgeMs) return true
    if (!ask((response) => this.onVersions(response, nowMs))) return false
    this.#askedMs = nowMs
    return true
  }

  /** A broker has said what it speaks. */
  onVersions(response: ApiVersionsResponse, nowMs: number): void {
    this.#askedMs = nowMs
    const { finalizedFeaturesEpoch, finalizedFeatures } = response
    this.#canBump = maxOf(response, initProducerId) >= EPOCH_BUMP_VERSION
    if (finalizedFeaturesEpoch < this.#featuresEpoch) return
    this.#featuresEpoch = finalizedFeaturesEpoch
    const level = finalizedFeatures.find(({ name }) => name === FEATURE_NAME)?.maxVersionLevel ?? 0
    this.#isV2 = level >= 2 && V2_VERSIONS.every(([api, version]) => maxOf(response, api) >= version)
  }
}

function maxOf({ apiKeys }: ApiVersionsResponse, { apiKey }: Api): number {
  return apiKeys.find((range) => range.apiKey === apiKey)?.maxVersion ?? -1
}
