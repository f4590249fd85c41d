/** A record of a transactional producer, as it stands in a log. */
export interface TransactionalRecord {
  /** Topic and partition. */
  readonly place: string
  readonly offset: number
  readonly producerId: bigint
  readonly isTransactional: boolean
}

/** The outcome of a transaction, as it stands in a log. */
export interface Marker {
  readonly place: string
  readonly offset: number
  readonly producerId: bigint
  readonly isCommit: boolean
}

/** What a reader of committed records makes of a record. */
export type Visibility = 'OPEN' | 'VISIBLE' | 'ABORTED'

/** Records of one producer id in one partition that wait for their marker. */
interface Span<Owner> {
  readonly records: { readonly owner: Owner; readonly offset: number }[]
}

export interface CommittedLogEvents<Owner> {
  readonly onDecided: (owner: Owner, visibility: Visibility, place: string) => void
  /** Records of several owners stand before one marker. */
  readonly onMixed: (owners: readonly Owner[], place: string, offset: number) => void
}

/**
 * Reads logs as a consumer of committed records does, from the markers alone: partition by partition, in the order of
 * the offsets.
 *
 * @typeParam Owner what a record belongs to: a transaction
 */
export class CommittedLog<Owner> {
  readonly #events: CommittedLogEvents<Owner>
  readonly #open = new Map<string, Span<Owner>>()

  constructor(events: CommittedLogEvents<Owner>) {
    this.#events = events
  }

  record(record: TransactionalRecord, owner: Owner): void {
    if (!record.isTransactional) {
      this.#events.onDecided(owner, 'VISIBLE', record.place)
      return
    }
    const name = spanName(record)
    const span = this.#open.get(name) ?? { records: [] }
    this.#open.set(name, span)
    span.records.push({ owner, offset: record.offset })
  }

  marker(marker: Marker): void {
    const name = spanName(marker)
    const span = this.#open.get(name)
    this.#open.delete(name)
    if (span !== undefined) this.#decide(span, marker.isCommit ? 'VISIBLE' : 'ABORTED', marker.place, marker.offset)
  }

  /** Nothing more is read: what has no marker by now never gets one. */
  finish(): void {
    for (const [name, span] of this.#open) {
      const place = name.slice(name.indexOf(' ') + 1)
      this.#decide(span, 'OPEN', place, span.records[0]?.offset ?? 0)
    }
    this.#open.clear()
  }

  #decide({ records }: Span<Owner>, visibility: Visibility, place: string, offset: number): void {
    const owners = new Set(records.map(({ owner }) => owner))
    if (owners.size > 1) this.#events.onMixed([...owners], place, offset)
    for (const { owner } of records) this.#events.onDecided(owner, visibility, place)
  }
}

function spanName({ producerId, place }: { readonly producerId: bigint; readonly place: string }): string {
  return `${producerId} ${place}`
}
