import type { TransactionVersion } from './cluster.ts'

/** How the embedded broker is to be, in the one argument of its program. */
export interface EmbeddedOptions {
  /** It only counts and acknowledges. */
  readonly sink: boolean
  readonly transactionVersion: TransactionVersion
  /** A connection gets the answer to a Produce request so much later, and its next request waits. */
  readonly ackDelayMs: number
}

export function parseEmbeddedOptions(json: string): EmbeddedOptions {
  const { sink, transactionVersion, ackDelayMs }: Partial<Record<string, unknown>> = { ...parsedObject(json) }
  const isVersion = transactionVersion === 1 || transactionVersion === 2
  if (typeof sink !== 'boolean' || !isVersion || typeof ackDelayMs !== 'number') {
    throw new TypeError(`not the options of the embedded broker: ${json}`)
  }
  return { sink, transactionVersion, ackDelayMs }
}

function parsedObject(json: string): object {
  const value: unknown = JSON.parse(json)
  return typeof value === 'object' && value !== null ? value : {}
}
