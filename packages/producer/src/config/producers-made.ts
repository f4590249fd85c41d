import type { Logger } from './producer-config.ts'

/** So many producers of one client id... */
const MADE_MAX = 10

/** ...within this time are one per request, or per record. */
const WITHIN_MS = 60_000

/** When each of the last producers was made, by logger and client id; undefined once it was said. */
const madeAt = new WeakMap<Logger, Map<string, readonly number[] | undefined>>()

/**
 * Warns, once, when producers are made over and over: each connects, asks for metadata and gets an id before it sends its
 * first record, and none has company for its batches.
 */
export function watchProducersMade(clientId: string, logger: Logger, nowMs: number): void {
  const byClientId = madeAt.get(logger) ?? new Map<string, readonly number[] | undefined>()
  madeAt.set(logger, byClientId)
  const before = byClientId.has(clientId) ? byClientId.get(clientId) : []
  if (before === undefined) return
  const recent = [...before, nowMs].filter((atMs) => atMs > nowMs - WITHIN_MS)
  byClientId.set(clientId, recent.length < MADE_MAX ? recent : undefined)
  if (recent.length < MADE_MAX) return
  logger.warn(
    `linger: ${MADE_MAX} producers with clientId '${clientId}' were made within ${Math.ceil((nowMs - (recent[0] ?? nowMs)) / 1000)} s. Make one, and share it: a producer gathers what all its callers send, and connects once. Where several are meant, give each a clientId of its own`,
  )
}
