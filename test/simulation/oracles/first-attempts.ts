import { decompress } from '@linger/compression'
import { codecFor, decodeRequest, produce, readRecordBatches } from '@linger/protocol'
import type { Identity } from '../../delivery-checker/delivery-checker.ts'
import { SelfDescribingRecords } from '../../delivery-checker/self-describing-records.ts'
import type { ObservedConnection } from '../network/simulated-network.ts'
import type { ObservedRequest } from './answered-requests.ts'

/** More than any batch of a simulation holds. */
const CONTENT_BYTES_MAX = 100_000_000

/** When each record was first on the wire: since then at the latest its delivery time runs, whatever it waited for before. */
export class FirstAttempts {
  readonly #nowMs: () => number
  /** Makes none: it knows them when it sees them. */
  readonly #records: SelfDescribingRecords
  /** By stream of records, then by number. */
  readonly #atMs = new Map<number, Map<number, number>>()

  /** @param runId of the records */
  constructor(nowMs: () => number, runId: number) {
    this.#nowMs = nowMs
    this.#records = new SelfDescribingRecords({ runId, producer: 0, topics: [] })
  }

  onRequest(_connection: ObservedConnection, { apiKey, apiVersion, frame, bodyOffset }: ObservedRequest): void {
    if (apiKey !== produce.apiKey) return
    const { topicData } = decodeRequest(codecFor<typeof produce>(produce, apiVersion), frame, bodyOffset)
    for (const { records } of topicData.flatMap(({ partitionData }) => partitionData)) {
      if (records !== null) this.#onBatch(records)
    }
  }

  /** Undefined for a record that was never sent. */
  atMsOf({ producer, n }: Identity): number | undefined {
    return this.#atMs.get(producer)?.get(n)
  }

  #onBatch(bytes: Uint8Array): void {
    const batches = readRecordBatches(bytes, {
      decompress: (type, content) => decompress(type, content, { maxBytes: CONTENT_BYTES_MAX }),
    })
    for (const record of batches.flatMap(({ records }) => records)) {
      const identity = this.#records.identify(record)
      if (identity === undefined) continue
      const atMs = this.#atMs.get(identity.producer) ?? new Map<number, number>()
      this.#atMs.set(identity.producer, atMs)
      if (!atMs.has(identity.n)) atMs.set(identity.n, this.#nowMs())
    }
  }
}
