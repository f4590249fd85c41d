import { cpuMicrosPerRecord, medianOf, ratioOf, recordsPerSecond, type Results } from '../run/rounds.ts'
import type { Latencies, Measurement } from '../workload.ts'
import type { Table } from './report.ts'

/** Rates and costs side by side, with everything as a ratio to `baseline` too. */
export function throughputTable(title: string, results: Results, baseline: string): Table {
  return {
    title,
    header: ['client', 'records/s', 'CPU s per million', `CPU, ${baseline} = 1`, 'peak RSS MB'],
    rows: [...results.keys()].map((label) => {
      const cells = [
        cell(results, label, recordsPerSecond, (value) => Math.round(value).toLocaleString('en')),
        cell(results, label, cpuMicrosPerRecord, (value) => value.toFixed(3)),
        ratioCell(results, label, baseline),
        cell(
          results,
          label,
          ({ peakRssBytes }) => peakRssBytes / 1e6,
          (value) => value.toFixed(0),
        ),
      ]
      return [label, ...cells]
    }),
  }
}

const PERCENTILES = ['p50', 'p90', 'p99', 'p999', 'max'] as const satisfies readonly (keyof Latencies)[]

export function latencyTable(title: string, results: Results): Table {
  return {
    title,
    header: ['client', ...PERCENTILES.map((name) => `${name} us`), 'CPU s per million'],
    rows: [...results.keys()].map((label) => [
      label,
      ...PERCENTILES.map((name) => cell(results, label, latencyMicros(name), (value) => value.toFixed(0))),
      cell(results, label, cpuMicrosPerRecord, (value) => value.toFixed(1)),
    ]),
  }
}

/** Groups of records that end together: how many a second, and how long each takes. */
export function groupsTable(title: string, results: Results, groupRecords: ReadonlyMap<string, number>): Table {
  return {
    title,
    header: ['client', 'per second', 'mean ms', 'p50 ms', 'p99 ms', 'CPU ms each'],
    rows: [...results.keys()].map((label) => {
      const groupsIn = ({ records }: Measurement): number => records / (groupRecords.get(label) ?? Number.NaN)
      const milliseconds = (name: keyof Latencies) =>
        cell(results, label, latencyMicros(name), (micros) => (micros / 1_000).toFixed(2))
      return [
        label,
        cell(
          results,
          label,
          (one) => groupsIn(one) / one.seconds,
          (value) => value.toFixed(0),
        ),
        cell(
          results,
          label,
          (one) => (one.seconds * 1_000) / groupsIn(one),
          (value) => value.toFixed(2),
        ),
        milliseconds('p50'),
        milliseconds('p99'),
        cell(
          results,
          label,
          (one) => (one.cpuSeconds * 1_000) / groupsIn(one),
          (value) => value.toFixed(2),
        ),
      ]
    }),
  }
}

/** Bytes are those of the values, before they are compressed. */
export function compressionTable(title: string, results: Results, valueBytes: number): Table {
  const megabytes = (records: number): number => (records * valueBytes) / 1e6
  return {
    title,
    header: ['codec and client', 'MB per CPU-second', 'MB/s', 'peak RSS MB'],
    rows: [...results.keys()].map((label) => [
      label,
      cell(
        results,
        label,
        ({ records, cpuSeconds }) => megabytes(records) / cpuSeconds,
        (value) => value.toFixed(0),
      ),
      cell(
        results,
        label,
        (one) => megabytes(recordsPerSecond(one)),
        (value) => value.toFixed(0),
      ),
      cell(
        results,
        label,
        ({ peakRssBytes }) => peakRssBytes / 1e6,
        (value) => value.toFixed(0),
      ),
    ]),
  }
}

/** @param fastest the same clients without a pace */
export function eventLoopTable(title: string, results: Results, fastest: Results): Table {
  const rate = (value: number): string => Math.round(value).toLocaleString('en')
  const late = (name: keyof Latencies) => (measurement: Measurement) =>
    measurement.eventLoop?.timerLateMs[name] ?? Number.NaN
  return {
    title,
    header: [
      'codec',
      'maximum records/s',
      'records/s',
      'utilization %',
      ...PERCENTILES.map((name) => `late ${name} ms`),
    ],
    rows: [...results.keys()].map((label) => [
      label,
      cell(fastest, label, recordsPerSecond, rate),
      cell(results, label, recordsPerSecond, rate),
      cell(
        results,
        label,
        ({ eventLoop }) => (eventLoop?.utilization ?? Number.NaN) * 100,
        (value) => value.toFixed(1),
      ),
      ...PERCENTILES.map((name) => cell(results, label, late(name), (value) => value.toFixed(2))),
    ]),
  }
}

/** What a setting buys and what it costs: latency at a rate, and the most that goes through. */
export function tuningTable(title: string, first: string, paced: Results, fastest: Results): Table {
  const milliseconds = (results: Results, label: string, name: keyof Latencies): string =>
    cell(results, label, latencyMicros(name), (micros) => (micros / 1_000).toFixed(1))
  const micros = (value: number): string => value.toFixed(2)
  return {
    title,
    header: [first, 'p50 ms', 'p99 ms', 'CPU us a record', 'at most records/s', 'CPU us a record then'],
    rows: [...paced.keys()].map((label) => [
      label,
      milliseconds(paced, label, 'p50'),
      milliseconds(paced, label, 'p99'),
      cell(paced, label, cpuMicrosPerRecord, micros),
      cell(fastest, label, recordsPerSecond, (value) => Math.round(value).toLocaleString('en')),
      cell(fastest, label, cpuMicrosPerRecord, micros),
    ]),
  }
}

export function latencyMicros(percentile: keyof Latencies): (measurement: Measurement) => number {
  return ({ latencyMs }) => (latencyMs?.[percentile] ?? Number.NaN) * 1_000
}

/** What every client really used, under its own names. */
export function settingsTable(results: Results): Table {
  return {
    title: 'Settings',
    header: ['client', 'settings'],
    rows: [...results.values()].map(({ label, measurements, absence }) => {
      const settings = Object.entries(measurements[0]?.settings ?? {}).map(([name, value]) => `${name}=${value}`)
      return [label, absence === undefined ? settings.join(', ') : `${absence.absent}: ${absence.why}`]
    }),
  }
}

function cell(
  results: Results,
  label: string,
  figureOf: (measurement: Measurement) => number,
  format: (value: number) => string,
): string {
  const figure = medianOf(results, label, figureOf)
  return typeof figure === 'number' ? format(figure) : figure.absent
}

function ratioCell(results: Results, label: string, baseline: string): string {
  const ratio = ratioOf(results, label, baseline, cpuMicrosPerRecord)
  return typeof ratio === 'number' ? ratio.toFixed(2) : '-'
}
