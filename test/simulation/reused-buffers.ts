import type { SentRecord } from '../delivery-checker/log-record.ts'

/** A record in buffers of its own. */
export function inOwnBuffers(record: SentRecord): SentRecord {
  return {
    ...record,
    key: own(record.key),
    value: own(record.value),
    headers: record.headers.map(([name, bytes]) => [name, own(bytes)]),
  }
}

/** The caller uses his buffers again, as he may as soon as the call is over. */
export function overwrite({ key, value, headers }: SentRecord): void {
  for (const bytes of [key, value, ...headers.map(([, one]) => one)]) if (bytes instanceof Uint8Array) bytes.fill(0xee)
}

function own<T>(bytes: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy of the same kind
  return bytes instanceof Uint8Array ? (Uint8Array.from(bytes) as T) : bytes
}
