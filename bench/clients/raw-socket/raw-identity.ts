import { setTimeout as delay } from 'node:timers/promises'
import { type BatchSeal, errorFor, findCoordinator, initProducerId } from '@linger/protocol'
import { BrokerConnection } from '../../../demo/broker-connection.ts'

export const CONCURRENT_TRANSACTIONS = 51
/** The first to ask for a coordinator makes the broker create the topic of its states. */
const COORDINATOR_CODES: ReadonlySet<number> = new Set([14, 15, 16, CONCURRENT_TRANSACTIONS])
const COORDINATOR_WAIT_MS = 100
const COORDINATOR_TIMEOUT_MS = 60_000
const KEY_TYPE_TRANSACTION = 1
const TRANSACTION_TIMEOUT_MS = 60_000

/** A transactional id as its coordinator knows it, and the sequences of its epoch. */
export class RawIdentity {
  readonly transactionalId: string
  readonly coordinator: BrokerConnection
  #producerId = -1n
  #producerEpoch = -1
  readonly #sequences = new Map<number, number>()

  private constructor(transactionalId: string, coordinator: BrokerConnection) {
    this.transactionalId = transactionalId
    this.coordinator = coordinator
  }

  static async of(transactionalId: string, broker: BrokerConnection): Promise<RawIdentity> {
    const deadlineMs = performance.now() + COORDINATOR_TIMEOUT_MS
    const address = await untilReady('FindCoordinator', deadlineMs, async () => findWith(broker, transactionalId))
    const identity = new RawIdentity(transactionalId, await BrokerConnection.open(address.answer))
    const { answer } = await untilReady('InitProducerId', deadlineMs, async () => {
      const request = { transactionalId, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS }
      const answered = await identity.coordinator.ask(initProducerId, request)
      return { errorCode: answered.errorCode, answer: answered }
    })
    identity.take(answer)
    return identity
  }

  get producerId(): bigint {
    return this.#producerId
  }

  get producerEpoch(): number {
    return this.#producerEpoch
  }

  /** The coordinator has given an id and an epoch: sequences begin anew. */
  take({ producerId, producerEpoch }: { readonly producerId: bigint; readonly producerEpoch: number }): void {
    this.#producerId = producerId
    this.#producerEpoch = producerEpoch
    this.#sequences.clear()
  }

  sealFor(partition: number, records: number): BatchSeal {
    const baseSequence = this.#sequences.get(partition) ?? 0
    this.#sequences.set(partition, baseSequence + records)
    return { producerId: this.#producerId, producerEpoch: this.#producerEpoch, baseSequence, isTransactional: true }
  }
}

interface Answered<Answer> {
  readonly errorCode: number
  readonly answer: Answer
}

async function findWith(broker: BrokerConnection, transactionalId: string): Promise<Answered<string>> {
  const isBatched = broker.versionOf(findCoordinator) >= 4
  const key = isBatched ? { coordinatorKeys: [transactionalId] } : { key: transactionalId }
  const found = await broker.ask(findCoordinator, { ...key, keyType: KEY_TYPE_TRANSACTION })
  const { errorCode, host, port } = isBatched ? (found.coordinators[0] ?? found) : found
  return { errorCode, answer: `${host}:${port}` }
}

async function untilReady<Answer>(
  api: string,
  deadlineMs: number,
  ask: () => Promise<Answered<Answer>>,
): Promise<Answered<Answer>> {
  for (;;) {
    const answered = await ask()
    if (answered.errorCode === 0) return answered
    const mayPass = COORDINATOR_CODES.has(answered.errorCode) && performance.now() < deadlineMs
    if (!mayPass) throw new Error(`${api}: ${errorFor(answered.errorCode).name}`)
    await delay(COORDINATOR_WAIT_MS)
  }
}
