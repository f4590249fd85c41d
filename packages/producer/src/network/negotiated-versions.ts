import { apis, versionsIn, type Api, type apiVersions, type ResponseOf } from '@linger/protocol'

/** What both sides of one connection speak, from the broker's ApiVersions answer. */
export class NegotiatedVersions {
  readonly #newest = new Map<number, number>()

  constructor(response: ResponseOf<typeof apiVersions>) {
    const brokers = new Map(response.apiKeys.map((range) => [range.apiKey, range]))
    for (const { apiKey, versions } of apis) {
      const broker = brokers.get(apiKey)
      const ours = versionsIn(versions)
      if (broker === undefined) continue
      const newest = Math.min(broker.maxVersion, ours.max)
      if (newest >= broker.minVersion && newest >= ours.min) this.#newest.set(apiKey, newest)
    }
  }

  /** The newest version of `api` that both sides speak, or undefined. */
  of(api: Api): number | undefined {
    return this.#newest.get(api.apiKey)
  }
}
