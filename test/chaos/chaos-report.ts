import { type Anomaly, ANOMALIES, noAnomalies } from '../delivery-checker/anomaly.ts'
import type { DeliveryReport } from '../delivery-checker/delivery-checker.ts'
import { noTransactionAnomalies, TRANSACTION_ANOMALIES } from '../delivery-checker/transaction-findings.ts'
import type { TransactionReport } from '../delivery-checker/transaction-checker.ts'
import type { ChaosSettings } from './chaos-settings.ts'
import { LANES } from './load/lane-settings.ts'
import type { LaneReport } from './load/load-messages.ts'
import type { ChaosResult } from './run-chaos.ts'

/** Of all lives of a lane, or of all lanes. */
type Sum = Omit<DeliveryReport, 'examples'>
type TransactionSum = Omit<TransactionReport, 'examples'>

const COUNTS = ['sent', 'acked', 'never', 'unknown', 'verified', 'withoutOffset'] as const
const TRANSACTION_COUNTS = ['transactions', 'committed', 'aborted', 'unknown'] as const
const NO_TRANSACTIONS: TransactionReport = {
  transactions: 0,
  committed: 0,
  aborted: 0,
  unknown: 0,
  anomalies: noTransactionAnomalies(),
  examples: [],
}
/** Kinds of faults on one line. */
const KINDS_ABREAST = 4

/** Nothing was lost, doubled, swapped or untrue; everything that was asked to strike did; nothing hung. */
export function isFaultless({ lanes, faults, stuck, keptAlive }: ChaosResult): boolean {
  const { anomalies } = sumOf(lanes)
  const transactional = transactionsOf(lanes).anomalies
  const struck = [...faults.values()].every(({ strikes }) => strikes > 0)
  const isSound =
    ANOMALIES.every((anomaly) => anomalies[anomaly] === 0) &&
    TRANSACTION_ANOMALIES.every((anomaly) => transactional[anomaly] === 0)
  return isSound && struck && stuck.length === 0 && !keptAlive
}

/** The result for a person. */
export function reportFor({ seed, faults: { length } }: ChaosSettings, result: ChaosResult): string {
  const { faults, lanes, stuck, keptAlive, seconds } = result
  const strikes = [...faults.values()].reduce((sum, one) => sum + one.strikes, 0)
  const struckKinds = [...faults.values()].filter((one) => one.strikes > 0).length
  const transactions = transactionsOf(lanes)
  const columns = columnsOf(lanes)
  columns.push({ name: 'all', sum: sumOf(lanes) })
  const row = (title: string, of: (sum: Sum) => string): string[] => [title, ...columns.map(({ sum }) => of(sum))]

  const lines = [
    `${count(strikes)} faults of ${struckKinds} kinds (of ${length} asked for) in ${seconds.toFixed(0)} s, seed ${seed}`,
    ...table(
      [...faults].map(([name, one]) => [name, count(one.strikes), `${count(one.hits)} hits`]),
      KINDS_ABREAST,
    ),
    '',
    ...table([
      ['', ...columns.map(({ name }) => name)],
      row('sent', ({ sent }) => count(sent)),
      row('acknowledged', ({ acked }) => count(acked)),
      row('verified', ({ verified }) => count(verified)),
      row("failed: 'never'", ({ never }) => count(never)),
      row("failed: 'unknown'", ({ unknown }) => count(unknown)),
      row('without offset', ({ withoutOffset }) => count(withoutOffset)),
      ...ANOMALIES.map((anomaly) => row(anomaly, (sum) => countOf(sum, anomaly))),
    ]),
    'In brackets: what the configuration of the lane does not promise, and so is no fault.',
    '',
    ...transactionLines(transactions),
  ]
  for (const lane of stuck) lines.push(`STUCK: nothing went on in ${lane}`)
  if (keptAlive)
    lines.push('KEPT ALIVE: the producers were closed, and something of theirs did not let their process end')
  for (const { lane, report, transactions: { examples } = NO_TRANSACTIONS } of lanes)
    lines.push(...[...report.examples, ...examples].map((example) => `${lane}: ${example}`))
  lines.push(isFaultless(result) ? 'OK' : `NOT OK: see above; --seed ${seed} draws the same faults`)
  return lines.join('\n')
}

/** The result for a program. */
export function chaosJson({ seed }: ChaosSettings, result: ChaosResult): string {
  return JSON.stringify({
    ok: isFaultless(result),
    seed,
    seconds: Math.round(result.seconds),
    ...sumOf(result.lanes),
    transactions: transactionsOf(result.lanes),
    stuck: result.stuck,
    keptAlive: result.keptAlive,
    faults: Object.fromEntries(result.faults),
    lanes: Object.fromEntries(columnsOf(result.lanes).map(({ name, sum }) => [name, sum])),
  })
}

function columnsOf(lanes: readonly LaneReport[]): { readonly name: string; readonly sum: Sum }[] {
  return LANES.map(({ name }) => ({ name, sum: sumOf(lanes.filter(({ lane }) => lane === name)) }))
}

function sumOf(lanes: readonly LaneReport[]): Sum {
  const counts = { sent: 0, acked: 0, never: 0, unknown: 0, verified: 0, withoutOffset: 0 }
  const anomalies = noAnomalies()
  const permitted = noAnomalies()
  for (const { report } of lanes) {
    for (const name of COUNTS) counts[name] += report[name]
    for (const anomaly of ANOMALIES) {
      anomalies[anomaly] += report.anomalies[anomaly]
      permitted[anomaly] += report.permitted[anomaly]
    }
  }
  return { ...counts, anomalies, permitted }
}

/** Of all lanes of transactions. */
function transactionsOf(lanes: readonly LaneReport[]): TransactionSum {
  const sum = { transactions: 0, committed: 0, aborted: 0, unknown: 0, anomalies: noTransactionAnomalies() }
  for (const { transactions = NO_TRANSACTIONS } of lanes) {
    for (const name of TRANSACTION_COUNTS) sum[name] += transactions[name]
    for (const anomaly of TRANSACTION_ANOMALIES) sum.anomalies[anomaly] += transactions.anomalies[anomaly]
  }
  return sum
}

function transactionLines(sum: TransactionSum): string[] {
  const counts = [...TRANSACTION_COUNTS.map((name) => [name, sum[name]] as const), ...Object.entries(sum.anomalies)]
  return table(
    counts.map(([name, value]) => [name, count(value)]),
    KINDS_ABREAST,
  )
}

function countOf({ anomalies, permitted }: Sum, anomaly: Anomaly): string {
  return permitted[anomaly] === 0
    ? count(anomalies[anomaly])
    : `${count(anomalies[anomaly])} (${count(permitted[anomaly])})`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** Columns of equal width, the first to the left and the others to the right. */
function table(rows: readonly (readonly string[])[], rowsPerLine = 1): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const shown = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
  const lines: string[] = []
  for (let at = 0; at < shown.length; at += rowsPerLine) lines.push(shown.slice(at, at + rowsPerLine).join('   |   '))
  return lines
}
