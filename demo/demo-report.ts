import type { DemoSettings } from './arguments.ts'
import type { DemoResult } from './run-demo.ts'

const NS_PER_MS = 1e6

/** The result for a person. */
export function printReport(settings: DemoSettings, result: DemoResult): void {
  const { produced, verification, readSeconds, bootstrapServers } = result
  const { acked, verified, lost, duplicated, reordered, misplaced, altered, foreign, examples } = verification
  const broker = settings.bootstrapServers === undefined ? `embedded broker at ${bootstrapServers}` : bootstrapServers
  const recordsPerSecond = acked / produced.seconds
  const ms = (percentile: number): string => `${percentileMs(result, percentile).toFixed(1)} ms`

  console.log(`${broker}, topic ${settings.topic}, values of ${settings.valueBytes} bytes, acks all, idempotent`)
  console.log(`acknowledged ${count(acked)} of ${count(settings.recordCount)} in ${produced.seconds.toFixed(2)} s`)
  console.log(`rate         ${count(recordsPerSecond)} records/s`)
  console.log(
    `latency      p50 ${ms(50)}, p99 ${ms(99)}, p99.9 ${ms(99.9)} (produce() to acknowledgement, at full load)`,
  )
  console.log(
    `verified     ${count(verified)} read back in ${readSeconds.toFixed(2)} s: every byte, offset, and the order`,
  )
  console.log(`             lost ${lost}, duplicated ${duplicated}, reordered ${reordered}`)
  if (misplaced + altered + foreign > 0) {
    console.log(`             misplaced ${misplaced}, altered ${altered}, foreign ${foreign}`)
  }
  if (produced.firstError !== undefined) {
    console.log(`failed       ${count(produced.failedCount)}; the first: ${produced.firstError.message}`)
  }
  for (const example of examples) console.log(`             ${example}`)
  console.log(result.allVerified ? 'OK' : 'NOT ALL RECORDS WERE VERIFIED')
}

/** The result for a program. */
export function jsonLine(result: DemoResult): string {
  const { acked, verified, lost, duplicated, reordered } = result.verification
  const { produced } = result
  return JSON.stringify({
    records: acked + produced.failedCount,
    acked,
    verified,
    lost,
    duplicated,
    reordered,
    recordsPerSecond: Math.round(acked / produced.seconds),
    p50Ms: percentileMs(result, 50),
    p99Ms: percentileMs(result, 99),
  })
}

function percentileMs({ produced }: DemoResult, percentile: number): number {
  return Math.round(produced.latency.percentile(percentile) / (NS_PER_MS / 1_000)) / 1_000
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
