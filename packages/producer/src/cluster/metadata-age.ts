/** Who learned from another asks so much later than he: by then he has asked again, and one question does for both. */
const HEARSAY_MS = 1_000

/** So long an answer is good, whatever `metadataMaxAgeMs` says: else brokers would be asked without a pause. */
const MAX_AGE_MS_MIN = 50

/** Since when everything is known, and how long that is good. */
export class MetadataAge {
  readonly #maxAgeMs: number
  #updatedAtMs = -Infinity
  #hearsayMs = 0

  constructor({ metadataMaxAgeMs }: { readonly metadataMaxAgeMs: number }) {
    this.#maxAgeMs = Math.max(metadataMaxAgeMs, MAX_AGE_MS_MIN)
  }

  /** When everything was last asked for and answered. -Infinity before. */
  get updatedAtMs(): number {
    return this.#updatedAtMs
  }

  /** When it must be asked for again. */
  get endMs(): number {
    return this.#updatedAtMs + this.#hearsayMs + this.#maxAgeMs
  }

  renew(nowMs: number): void {
    this.#updatedAtMs = nowMs
    this.#hearsayMs = 0
  }

  /** Another producer of the group was told everything. */
  renewByHearsay(nowMs: number): void {
    this.#updatedAtMs = nowMs
    this.#hearsayMs = HEARSAY_MS
  }

  /** What is known is what another producer of the group knows. */
  renewAs(other: MetadataAge): void {
    this.#updatedAtMs = other.#updatedAtMs
    this.#hearsayMs = other.#hearsayMs
  }
}
