import { describe, expect, test } from 'vitest'
import { ProducerHistory } from './producer-history.ts'
import { type Incarnation, TransactionChecker, type TransactionReport } from './transaction-checker.ts'
import { noTransactionAnomalies, type TransactionAnomalyCounts } from './transaction-findings.ts'
import { type SentOffset, type TransactionEnd, TransactionHistory } from './transaction-history.ts'

const PARTITIONS = 3
const RECORDS = 6
const MS_PER_TRANSACTION = 100

type Entry =
  | { readonly kind: 'record'; readonly of: number; readonly n: number; readonly isTransactional: boolean }
  | { readonly kind: 'marker'; readonly isCommit: boolean }

/** Something in the log of a partition. */
type Written = Entry & { readonly partition: number; readonly producerId: bigint }

interface Said {
  /** What the application is told of its transactions. */
  readonly ends: readonly TransactionEnd[]
  readonly initializedAtMs: number
  readonly rank: number
}

/** Three transactions, one after the other: committed, aborted, committed. Each writes to all partitions. */
const GOOD: Said = { ends: ['COMMITTED', 'ABORTED', 'COMMITTED'], initializedAtMs: 0, rank: 0 }

function incarnation(name: number, { ends, initializedAtMs, rank }: Said, startMs: number = 0): Incarnation {
  const history = new ProducerHistory()
  const transactions = new TransactionHistory()
  transactions.initializedAtMs = initializedAtMs
  let n = 0
  for (const [at, end] of ends.entries()) {
    const beganMs = startMs + 1 + at * MS_PER_TRANSACTION
    const transaction = transactions.begun(beganMs)
    for (let left = RECORDS; left > 0; left--, n++) {
      history.sent(n, beganMs)
      transactions.sent(n)
      history.acked(n, { partition: n % PARTITIONS, offset: n, timestamp: 0 }, beganMs)
    }
    transaction.offsets.push(offsetOf(name, at))
    transaction.end = end
    if (end !== 'ABORTED' && end !== 'OPEN') transaction.commitAskedAtMs = beganMs + 10
  }
  return { name: `producer ${name}`, transactionalId: 'tx', rank, history, transactions }
}

function offsetOf(name: number, transaction: number): SentOffset {
  return { groupId: 'g', topic: 't', partition: 0, offset: 100 * name + transaction }
}

/** What such a producer writes, with a marker in each partition at the end of each transaction. */
function logOf(name: number, outcomes: readonly boolean[], producerId: bigint = 1n): Written[] {
  return outcomes.flatMap((isCommit, at) => {
    const records = Array.from({ length: RECORDS }, (_, index): Written => {
      const n = at * RECORDS + index
      return { kind: 'record', of: name, n, isTransactional: true, partition: n % PARTITIONS, producerId }
    })
    const markers = Array.from({ length: PARTITIONS }, (_, partition): Written => {
      return { kind: 'marker', isCommit, partition, producerId }
    })
    return [...records, ...markers]
  })
}

function reportOf(
  incarnations: readonly Incarnation[],
  log: readonly Written[],
  committed: readonly SentOffset[],
  prepare: (checker: TransactionChecker) => void = () => {},
): TransactionReport {
  const checker = new TransactionChecker(incarnations)
  prepare(checker)
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const [offset, entry] of log.filter((one) => one.partition === partition).entries()) {
      const at = { place: `t-${partition}`, offset, producerId: entry.producerId }
      const of = entry.kind === 'record' ? incarnations[entry.of] : undefined
      if (entry.kind === 'marker') checker.marker({ ...at, isCommit: entry.isCommit })
      else if (of !== undefined) checker.record({ ...at, isTransactional: entry.isTransactional }, of, entry.n)
    }
  }
  checker.finish()
  checker.offsets(committed)
  return checker.report()
}

/** Of the one good producer, with something changed. */
function findingsOf({
  said = {},
  log = logOf(0, [true, false, true]),
  committed = [offsetOf(0, 2)],
  change = () => {},
}: {
  readonly said?: Partial<Said>
  readonly log?: readonly Written[]
  readonly committed?: readonly SentOffset[]
  readonly change?: (producer: Incarnation) => void
}): TransactionAnomalyCounts {
  const producer = incarnation(0, { ...GOOD, ...said })
  change(producer)
  return reportOf([producer], log, committed).anomalies
}

function only(anomalies: Partial<TransactionAnomalyCounts>): TransactionAnomalyCounts {
  return { ...noTransactionAnomalies(), ...anomalies }
}

const isRecord = (n: number) => (entry: Written) => entry.kind === 'record' && entry.n === n

describe('the transaction checker', () => {
  test('finds nothing in what is as it was said', () => {
    expect(reportOf([incarnation(0, GOOD)], logOf(0, [true, false, true]), [offsetOf(0, 2)])).toEqual({
      transactions: 3,
      committed: 2,
      aborted: 1,
      unknown: 0,
      anomalies: noTransactionAnomalies(),
      examples: [],
    })
  })

  test.each([true, false])('takes all or nothing of a commit of unknown outcome (done: %s)', (isDone) => {
    const committed = [offsetOf(0, isDone ? 2 : 0)]
    const said = { ends: ['COMMITTED', 'ABORTED', 'UNKNOWN'] } as const
    expect(findingsOf({ said, log: logOf(0, [true, false, isDone]), committed })).toEqual(only({}))
  })

  test('T1, T4: finds a torn transaction, whatever was said of it', () => {
    const log = logOf(0, [true, false, true])
    const torn = log.toSpliced(-1, 1, { kind: 'marker', isCommit: false, partition: 2, producerId: 1n })
    for (const last of ['COMMITTED', 'UNKNOWN'] as const) {
      expect(findingsOf({ said: { ends: ['COMMITTED', 'ABORTED', last] }, log: torn })).toEqual(only({ torn: 1 }))
    }
  })

  test('T2: finds a commit that was said to be done and is not', () => {
    const anomalies = findingsOf({ log: logOf(0, [true, false, false]), committed: [offsetOf(0, 2)] })
    expect(anomalies).toEqual(only({ lostCommit: 1 }))
  })

  test.each(['ABORTED', 'NOT_COMMITTED', 'OPEN'] as const)('T3, T10: finds what is visible though it is %s', (end) => {
    const said = { ends: ['COMMITTED', end, 'COMMITTED'] } as const
    expect(findingsOf({ said, log: logOf(0, [true, true, true]) })).toEqual(only({ abortedVisible: 1 }))
  })

  test('T5: finds two transactions between two markers', () => {
    const log = logOf(0, [true, true, true]).filter((entry, at) => entry.kind === 'record' || at > 2 * RECORDS)
    const said = { ends: ['COMMITTED', 'COMMITTED', 'COMMITTED'] } as const
    expect(findingsOf({ said, log }).mixed).toBe(PARTITIONS)
  })

  test('T8: finds a commit of a transaction of which a record failed', () => {
    const failed = Object.assign(new Error('no'), { outcome: 'never' })
    const change = ({ history, transactions }: Incarnation): void => {
      history.sent(3 * RECORDS, 0)
      transactions.sent(3 * RECORDS)
      history.failed(3 * RECORDS, failed)
    }
    expect(findingsOf({ change })).toEqual(only({ committedFailure: 1 }))
  })

  test('T9: finds a transaction without an end', () => {
    const log = logOf(0, [true, false, false]).slice(0, -PARTITIONS)
    const said = { ends: ['COMMITTED', 'ABORTED', 'OPEN'] } as const
    expect(findingsOf({ said, log, committed: [offsetOf(0, 0)] })).toEqual(only({ hanging: 1 }))
  })

  test('finds a record that says it is in no transaction', () => {
    const log = logOf(0, [true, false, true]).map((entry) =>
      isRecord(0)(entry) ? { ...entry, isTransactional: false } : entry,
    )
    expect(findingsOf({ log })).toEqual(only({ outside: 1 }))
  })

  test.each([
    ['that were not committed', [offsetOf(0, 0)]],
    ['of an aborted transaction', [offsetOf(0, 1)]],
    ['that are gone', []],
    ['of a group that nobody moved', [offsetOf(0, 2), { ...offsetOf(0, 2), groupId: 'h' }]],
  ])('T2, T3: finds offsets %s', (_name, committed) => {
    expect(findingsOf({ committed })).toEqual(only({ offsetsAstray: 1 }))
  })

  test('leaves out what was deleted with its topic', () => {
    const producer = incarnation(0, GOOD)
    const log = logOf(0, [true, false, true]).filter((entry) => !isRecord(0)(entry))
    expect(reportOf([producer], log, [offsetOf(0, 2)]).anomalies).toEqual(only({ torn: 1 }))
    const excused = reportOf([producer], log, [offsetOf(0, 2)], (checker) => checker.excuse(producer, 0))
    expect(excused.anomalies).toEqual(only({}))
  })
})

describe('T6: of two producers of a transactional id', () => {
  const older: Said = { ends: ['COMMITTED'], initializedAtMs: 0, rank: 0 }
  const younger: Said = { ends: ['COMMITTED'], initializedAtMs: 50, rank: 1 }
  const both = [...logOf(0, [true]), ...logOf(1, [true], 2n)]

  test('the one may write before the other takes over', () => {
    const producers = [incarnation(0, older), incarnation(1, younger, 60)]
    expect(reportOf(producers, both, [offsetOf(1, 0)]).anomalies).toEqual(only({}))
  })

  test('a record that was sent, and a commit that was asked for, after that are found', () => {
    const producers = [incarnation(0, older, 55), incarnation(1, younger, 60)]
    expect(reportOf(producers, both, [offsetOf(1, 0)]).anomalies).toEqual(only({ unfenced: RECORDS + 1 }))
  })

  test('offsets of the older one that came last are found', () => {
    const producers = [incarnation(0, older), incarnation(1, younger, 60)]
    expect(reportOf(producers, both, [offsetOf(0, 0)]).anomalies).toEqual(only({ offsetsAstray: 1 }))
  })
})

describe('of a reader that is told of no markers', () => {
  function seen(ns: readonly number[], hangsAt?: string): TransactionReport {
    const producer = incarnation(0, GOOD)
    const checker = new TransactionChecker([producer])
    for (const n of ns) checker.visible(`t-${n % PARTITIONS}@${n}`, producer, n)
    if (hangsAt !== undefined) checker.hangs(hangsAt)
    checker.offsets([offsetOf(0, 2)])
    return checker.report()
  }
  const numbers = (transaction: number): number[] =>
    Array.from({ length: RECORDS }, (_, at) => transaction * RECORDS + at)

  test('what it sees is what was committed', () => {
    expect(seen([...numbers(0), ...numbers(2)]).anomalies).toEqual(noTransactionAnomalies())
  })

  test.each([
    ['torn', [...numbers(0).slice(1), ...numbers(2)], undefined],
    ['lostCommit', numbers(0), undefined],
    ['abortedVisible', [...numbers(0), ...numbers(1).slice(3), ...numbers(2)], undefined],
    ['outside', [...numbers(0), ...numbers(2), 3 * RECORDS], undefined],
    ['hanging', [...numbers(0), ...numbers(2)], 't-1@7'],
  ] as const)('%s shows', (anomaly, ns, hangsAt) => {
    const { anomalies } = seen(ns, hangsAt)
    expect(anomalies[anomaly]).toBeGreaterThan(0)
    expect({ ...anomalies, [anomaly]: 0 }).toEqual(noTransactionAnomalies())
  })
})
