import { versionsIn, type Api, type apiVersions, type ResponseOf } from '@linger/protocol'

/** What both sides of one connection speak, from the broker's ApiVersions answer. */
export class NegotiatedVersions {
  readonly #brokerRanges = new Map<number, { min: number; max: number }>()

  constructor(response: ResponseOf<typeof apiVersions>) {
    for (const { apiKey, minVersion, maxVersion } of response.apiKeys) {
      this.#brokerRanges.set(apiKey, { min: minVersion, max: maxVersion })
    }
  }

  /** The newest version of `api` that both sides speak, or undefined. */
  of(api: Api): number | undefined {
    const broker = this.#brokerRanges.get(api.apiKey)
    if (broker === undefined) return undefined
    const { min, max } = versionsIn(api.versions)
    const newest = Math.min(broker.max, max)
    return newest >= Math.max(broker.min, min) ? newest : undefined
  }
}
