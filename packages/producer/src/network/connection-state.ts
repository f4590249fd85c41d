import type { NegotiatedVersions } from './negotiated-versions.ts'

/**
 * How far a connection has come. CONNECTING ends, with TLS, when the broker's certificate was found to be right.
 * DRAINING: its session ends soon, so answers are awaited and nothing new is sent until it is renewed.
 */
export type ConnectionStage =
  | 'CONNECTING'
  | 'NEGOTIATING'
  | 'AUTHENTICATING'
  | 'READY'
  | 'DRAINING'
  | 'REAUTHENTICATING'

/** A connection is usable while it is 'READY'; a closed one is never used again. */
export type ConnectionState =
  | { readonly name: 'CONNECTING' | 'NEGOTIATING' }
  | { readonly name: 'AUTHENTICATING' | 'DRAINING'; readonly versions: NegotiatedVersions }
  | { readonly name: 'READY'; readonly versions: NegotiatedVersions; readonly sessionEndsAtMs: number }
  | { readonly name: 'REAUTHENTICATING'; readonly versions: NegotiatedVersions; readonly deadlineMs: number }
  | { readonly name: 'CLOSED' }

const SETUP_STAGES: readonly ConnectionStage[] = ['CONNECTING', 'NEGOTIATING', 'AUTHENTICATING']

/** It has been ready, and takes no more time than an answer does. */
export function isSetUp(stage: ConnectionStage): boolean {
  return !SETUP_STAGES.includes(stage)
}
