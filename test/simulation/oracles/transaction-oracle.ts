import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  apiForKey,
  codecFor,
  decodeRequest,
  decodeResponseFrame,
  endTxn,
  findCoordinator,
  initProducerId,
  produce,
  txnOffsetCommit,
} from '@linger/protocol'
import type { ObservedConnection } from '../network/simulated-network.ts'
import type { ObservedRequest } from './answered-requests.ts'

/** What a producer has of its transactional id, as a coordinator gave it. */
export interface Identity {
  readonly producerId: bigint
  readonly epoch: number
}

/** One EndTxn on the wire. */
interface EndAttempt {
  readonly isCommit: boolean
  readonly version: number
  /** Undefined: the producer has not heard one. */
  errorCode: number | undefined
}

const TRANSACTIONAL_APIS: ReadonlySet<number> = new Set(
  [addOffsetsToTxn, addPartitionsToTxn, endTxn, findCoordinator, initProducerId, txnOffsetCommit].map(
    ({ apiKey }) => apiKey,
  ),
)

/** What a coordinator answers that leaves hope: another try, or an abort, leads on. Written down here and not taken from the producer. */
const HOPEFUL: ReadonlySet<number> = new Set([
  0, 1, 2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 22, 25, 29, 30, 41, 51, 55, 56, 59, 74, 75, 82, 89, 100, 120,
])
/** What a leader answers that ends a producer. */
const ENDS: ReadonlySet<number> = new Set([31, 35, 49, 53, 90])

/** INVALID_PRODUCER_EPOCH and PRODUCER_FENCED. */
const FENCED: ReadonlySet<number> = new Set([47, 90])

/** From this version on each transaction has an epoch of its own (KIP-890). */
const END_TXN_V2 = 5
/** From this version on a producer says which epoch it has (KIP-360). */
const EPOCH_BUMP_VERSION = 3

/** Judges what transactional producers ask of their coordinators. */
export class TransactionOracle {
  readonly #violate: (what: string) => void
  readonly #transactionalIds: readonly (string | undefined)[]
  readonly #identities = new Map<number, Identity>()
  readonly #endings = new Set<number>()
  /** Told by a coordinator that another producer has taken over. */
  readonly #fenced = new Set<number>()
  /** By producer, id and epoch: since the transaction began. */
  readonly #ends = new Map<string, EndAttempt[]>()
  /** By producer: the name under which `ends` has the last. */
  readonly #newest = new Map<number, string>()
  /** By producer id and epoch: to whom coordinators gave it. */
  readonly #owners = new Map<string, number>()
  #hasTwins = false
  /** Produce requests without an answer so far. */
  readonly #produces = new Map<ObservedRequest, ObservedConnection>()
  readonly #attempts = new WeakMap<ObservedRequest, EndAttempt>()

  /** @param transactionalIds by producer; undefined where it has none */
  constructor(transactionalIds: readonly (string | undefined)[], violate: (what: string) => void) {
    this.#transactionalIds = transactionalIds
    this.#violate = violate
  }

  /**
   * A coordinator has given one producer id and epoch to two producers, and nothing that is written tells them apart.
   *
   * Kafka does that while its transaction.version changes: it takes the abort of a producer of v2 that was fenced for the
   * repetition of the last abort of its successor, if that one runs v1, and answers with the successor's epoch. A real Kafka
   * is asked in embedded-broker/same-transactions.test.ts.
   *
   * @source Kafka 4.3.1 TransactionCoordinator.endTransaction, retryOnEpochBump
   */
  get hasTwins(): boolean {
    return this.#hasTwins
  }

  /** The first that a producer was given. */
  identityOf(owner: number): Identity | undefined {
    return this.#identities.get(owner)
  }

  /** It was told something that a producer cannot live with. */
  mayEnd(owner: number): boolean {
    return this.#endings.has(owner)
  }

  /** How often the end of this transaction was asked for so far, by anybody. */
  endCountOf({ producerId, epoch }: Identity): number {
    const names = [...this.#ends.keys()].filter((name) => name.endsWith(` ${producerId} ${epoch}`))
    return names.reduce((sum, name) => sum + (this.#ends.get(name)?.length ?? 0), 0)
  }

  onRequest(connection: ObservedConnection, request: ObservedRequest): void {
    const { owner } = connection
    const { apiKey, apiVersion, frame, bodyOffset } = request
    if (this.#fenced.has(owner) && TRANSACTIONAL_APIS.has(apiKey))
      this.#violate(`producer ${owner}: ${apiForKey(apiKey)?.name ?? apiKey} after it was fenced`)
    if (apiKey === endTxn.apiKey) {
      const body = decodeRequest(codecFor<typeof endTxn>(endTxn, apiVersion), frame, bodyOffset)
      const attempt = { isCommit: body.committed, version: apiVersion, errorCode: undefined }
      this.#onEnd(owner, body.producerId, body.producerEpoch, attempt)
      this.#judgeQuiet(owner, body.producerEpoch)
      this.#attempts.set(request, attempt)
    } else if (apiKey === addPartitionsToTxn.apiKey) {
      const codec = codecFor<typeof addPartitionsToTxn>(addPartitionsToTxn, apiVersion)
      const body = decodeRequest(codec, frame, bodyOffset)
      this.#onBegin(owner, body.v3AndBelowProducerId, body.v3AndBelowProducerEpoch)
    } else if (apiKey === addOffsetsToTxn.apiKey) {
      const body = decodeRequest(codecFor<typeof addOffsetsToTxn>(addOffsetsToTxn, apiVersion), frame, bodyOffset)
      this.#onBegin(owner, body.producerId, body.producerEpoch)
    } else if (apiKey === produce.apiKey) {
      const body = decodeRequest(codecFor<typeof produce>(produce, apiVersion), frame, bodyOffset)
      this.#judgeName(owner, body.transactionalId)
      this.#produces.set(request, connection)
    } else if (apiKey === initProducerId.apiKey && apiVersion >= EPOCH_BUMP_VERSION) {
      const codec = codecFor<typeof initProducerId>(initProducerId, apiVersion)
      const { transactionalId, producerId } = decodeRequest(codec, frame, bodyOffset)
      if (transactionalId !== null && producerId < 0n && this.#identities.has(owner))
        this.#violate(
          `producer ${owner}: asks for an epoch as if it had none, and takes over from whoever has fenced it`,
        )
    }
  }

  /** A broker takes transactional batches only from who may write under the id. */
  #judgeName(owner: number, transactionalId: string | null): void {
    const expected = this.#transactionalIds[owner] ?? null
    if (transactionalId !== expected)
      this.#violate(`producer ${owner}: Produce names ${transactionalId}, not ${expected}`)
  }

  /** What is on its way when a transaction ends could reach the next one. */
  #judgeQuiet(owner: number, epoch: number): void {
    const count = [...this.#produces.values()].filter((connection) => connection.owner === owner).length
    if (count > 0)
      this.#violate(`producer ${owner}: ends the transaction of epoch ${epoch}, with ${count} Produce on the wire`)
  }

  onClosed({ id }: ObservedConnection): void {
    for (const [request, connection] of this.#produces) if (connection.id === id) this.#produces.delete(request)
  }

  onAnswer({ owner }: ObservedConnection, request: ObservedRequest, frame: Uint8Array): void {
    const { apiKey, apiVersion } = request
    this.#produces.delete(request)
    const api = apiForKey(apiKey)
    if (api === undefined || (apiKey !== produce.apiKey && !TRANSACTIONAL_APIS.has(apiKey))) return
    const { response } = decodeResponseFrame(codecFor(api, apiVersion), frame)
    const codes = [...errorCodesIn(response)]
    const isEnd = (code: number): boolean => (apiKey === produce.apiKey ? ENDS.has(code) : !HOPEFUL.has(code))
    // An abort that cannot be done leaves nothing to be done.
    const attempt = this.#attempts.get(request)
    const isLastStraw = attempt?.isCommit === false && codes.some((code) => code !== 0 && !isRetriable(code))
    if (apiKey !== produce.apiKey && codes.some((code) => FENCED.has(code))) this.#fenced.add(owner)
    const isInDoubt = this.#isCommitInDoubt(owner, attempt) && codes.some((code) => code !== 0 && !isRetriable(code))
    if (codes.some(isEnd) || isLastStraw || isInDoubt) this.#endings.add(owner)
    if (attempt !== undefined) attempt.errorCode = codes[0] ?? 0
    if (apiKey === initProducerId.apiKey) this.#onIdentity(owner, apiVersion, frame)
    if (apiKey === endTxn.apiKey && apiVersion >= END_TXN_V2) this.#onNextIdentity(owner, apiVersion, frame)
  }

  /** A commit of the newest epoch, other than this attempt, has had no answer: no abort may follow it. */
  #isCommitInDoubt(owner: number, attempt: EndAttempt | undefined): boolean {
    const attempts = this.#ends.get(this.#newest.get(owner) ?? '') ?? []
    return attempts.some((one) => one !== attempt && one.isCommit && isInDoubt(one))
  }

  /** An end that was asked for is asked for again, and never another: it may have been done. */
  #onEnd(owner: number, producerId: bigint, epoch: number, attempt: EndAttempt): void {
    const name = nameOf(owner, producerId, epoch)
    const attempts = this.#ends.get(name) ?? []
    const others = attempts.filter(({ isCommit }) => isCommit !== attempt.isCommit)
    if (others.some((other) => isInDoubt(other) || other.errorCode === 0)) {
      const [from, to] = attempt.isCommit ? ['abort', 'commit'] : ['commit', 'abort']
      this.#violate(`producer ${owner}: ${from} becomes ${to} in epoch ${epoch} of producer id ${producerId}`)
    }
    this.#ends.set(name, [...attempts, attempt])
    this.#newest.set(owner, name)
  }

  /** What is late of the last transaction would end this one: in v1 they are alike, if the epoch is. */
  #onBegin(owner: number, producerId: bigint, epoch: number): void {
    const name = nameOf(owner, producerId, epoch)
    const attempts = this.#ends.get(name) ?? []
    if (attempts.some(({ errorCode, version }) => errorCode === undefined && version < END_TXN_V2)) {
      this.#violate(`producer ${owner}: begins in epoch ${epoch}, in which an EndTxn has no answer`)
    }
    this.#ends.delete(name)
  }

  #onIdentity(owner: number, apiVersion: number, frame: Uint8Array): void {
    const { response } = decodeResponseFrame(codecFor<typeof initProducerId>(initProducerId, apiVersion), frame)
    const { errorCode, producerId, producerEpoch: epoch } = response
    if (errorCode !== 0) return
    if (!this.#identities.has(owner)) this.#identities.set(owner, { producerId, epoch })
    this.#onGiven(owner, producerId, epoch)
  }

  #onNextIdentity(owner: number, apiVersion: number, frame: Uint8Array): void {
    const { response } = decodeResponseFrame(codecFor<typeof endTxn>(endTxn, apiVersion), frame)
    if (response.errorCode === 0) this.#onGiven(owner, response.producerId, response.producerEpoch)
  }

  #onGiven(owner: number, producerId: bigint, epoch: number): void {
    const name = `${producerId} ${epoch}`
    const before = this.#owners.get(name)
    if (before !== undefined && before !== owner) this.#hasTwins = true
    this.#owners.set(name, owner)
  }
}

/** It may be done. */
function isInDoubt({ errorCode }: EndAttempt): boolean {
  return errorCode === undefined || (errorCode !== 0 && isRetriable(errorCode))
}

function isRetriable(code: number): boolean {
  return HOPEFUL.has(code) && ![22, 25, 29, 30, 55, 59, 82, 120].includes(code)
}

function nameOf(owner: number, producerId: bigint, epoch: number): string {
  return `${owner} ${producerId} ${epoch}`
}

/** Of every part of an answer. */
function* errorCodesIn(value: unknown): Generator<number> {
  if (value === null || typeof value !== 'object') return
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'number' && /^(?:partitionErrorCode|errorCode)$/u.test(name)) yield inner
    else if (typeof inner === 'object') yield* errorCodesIn(inner)
  }
}
