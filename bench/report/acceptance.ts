/** One thing that the issue asks of Linger, what it was, and whether that is enough. */
export interface AcceptanceRow {
  readonly claim: string
  readonly figure: string
  readonly limit: string
  readonly verdict: 'passed' | 'missed' | 'not installed' | 'failed'
  /** The suite that judges it: `pnpm bench --only <suite>` reproduces this row alone. */
  readonly suite: string
}

/** Why there is no figure. */
export interface Absence {
  readonly absent: 'not installed' | 'failed'
  readonly why: string
}

export type Figure = number | Absence

/** A figure made of others; absent where one of them is. */
export function figureFrom(figures: readonly Figure[], combine: (...numbers: readonly number[]) => number): Figure {
  const absent = figures.find((figure) => typeof figure !== 'number')
  return absent ?? combine(...figures.filter((figure) => typeof figure === 'number'))
}

export interface Claim {
  readonly suite: string
  readonly claim: string
  readonly figure: Figure
  readonly atMost?: number
  readonly atLeast?: number
  readonly format: (value: number) => string
}

export function judge({ suite, claim, figure, atMost, atLeast, format }: Claim): AcceptanceRow {
  const limit = [
    ...(atMost === undefined ? [] : [`at most ${format(atMost)}`]),
    ...(atLeast === undefined ? [] : [`at least ${format(atLeast)}`]),
  ].join(', ')
  if (typeof figure !== 'number')
    return { claim, figure: `${figure.absent}: ${figure.why}`, limit, verdict: figure.absent, suite }

  const passed = (atMost === undefined || figure <= atMost) && (atLeast === undefined || figure >= atLeast)
  return { claim, figure: format(figure), limit, verdict: passed ? 'passed' : 'missed', suite }
}

export const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} x`
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 10e6 ? 2 : 0)} MB`
export const milliseconds = (value: number): string => `${value.toFixed(1)} ms`
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
