import type { Cluster } from '@linger/broker'
import {
  TransactionChecker,
  type Incarnation,
  type TransactionReport,
} from '../delivery-checker/transaction-checker.ts'
import type { Identity } from './oracles/transaction-oracle.ts'
import { logBatches, recordsIn } from './read-log.ts'
import type { TransactionalApplication } from './transactional-application.ts'

const COMMIT_MARKER = 1

export interface TransactionalProducer {
  readonly index: number
  readonly application: TransactionalApplication
  /** Given to it when it took over. */
  readonly identity: Identity | undefined
}

/** Holds what the applications were told of their transactions against what readers see. */
export function checkTransactions(
  producers: readonly TransactionalProducer[],
  cluster: Cluster,
  madeAnew: ReadonlyMap<string, number>,
): TransactionReport {
  const incarnations = ranked(producers).map(({ index, application }, rank): Incarnation => {
    const { stream, history, plan } = application
    const transactionalId = plan.config.transactionalId ?? ''
    return {
      name: `producer ${index}`,
      transactionalId,
      rank,
      history: stream.history,
      transactions: history,
    }
  })
  const checker = new TransactionChecker(incarnations)
  const ofProducer = new Map(ranked(producers).map(({ application }, at) => [application.stream, incarnations[at]]))
  for (const [{ history, records }, incarnation] of ofProducer) {
    for (let n = 0; n < history.count; n++) {
      if (incarnation !== undefined && madeAnew.has(records.record(n).topic)) checker.excuse(incarnation, n)
    }
  }
  readInto(checker, cluster, ofProducer)
  const groupIds = new Set(producers.flatMap(({ application }) => application.groupIds))
  checker.offsets(
    [...groupIds].flatMap((groupId) =>
      cluster.consumerOffsets
        .committed(groupId)
        .map(({ topic, partition, offset }) => ({ groupId, topic, partition, offset: Number(offset) })),
    ),
  )
  return checker.report()
}

/** In the order in which coordinators gave them the id: those that never had it come first. */
function ranked(producers: readonly TransactionalProducer[]): TransactionalProducer[] {
  const key = ({ identity }: TransactionalProducer): number =>
    identity === undefined ? -1 : Number(identity.producerId) * 2 ** 16 + identity.epoch
  return producers.toSorted((a, b) => key(a) - key(b))
}

function readInto(
  checker: TransactionChecker,
  cluster: Cluster,
  incarnations: ReadonlyMap<TransactionalApplication['stream'], Incarnation | undefined>,
): void {
  const streams = [...incarnations.keys()]
  for (const inLog of logBatches(cluster)) {
    const { topic, partition, batch } = inLog
    const place = `${topic}-${partition}`
    const { producerId, isTransactional } = batch
    const [control] = batch.records
    if (batch.isControl && control?.key !== undefined && control.key !== null) {
      const isCommit = Buffer.from(control.key).readInt16BE(2) === COMMIT_MARKER
      checker.marker({ place, offset: Number(batch.baseOffset), producerId, isCommit })
    }
    for (const record of recordsIn(inLog)) {
      const identity = streams[0]?.records.identify(record)
      const stream = streams.find(({ records }) => records.producer === identity?.producer)
      const incarnation = stream === undefined ? undefined : incarnations.get(stream)
      if (identity === undefined || incarnation === undefined) continue
      checker.record({ place, offset: record.offset, producerId, isTransactional }, incarnation, identity.n)
    }
  }
  checker.finish()
}
