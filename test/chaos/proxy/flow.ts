/** What a proxy does to the bytes of one direction. */
export type Flow =
  | { readonly name: 'CLEAR' }
  /** Gone, and the end of the stream with them: a black hole. What was lost is never made up for. */
  | { readonly name: 'SWALLOWED' }
  /** Kept until the proxy is cleared and then delivered, even if the one who sent them has given up. */
  | { readonly name: 'HELD' }
  | { readonly name: 'DELAYED'; readonly latencyMs: number; readonly jitterMs: number }
  /** So many at a time with a pause behind each: a narrow line, a drip, or crumbs. */
  | {
      readonly name: 'IN_PIECES'
      readonly pieceBytes: number
      readonly pauseMs: number
      /** Of each chunk that arrives only so much comes in pieces, and the rest at once. */
      readonly upToBytes: number
    }
  /** The connection ends behind so many bytes more. */
  | { readonly name: 'CUT'; readonly afterBytes: number; readonly by: 'RESET' | 'FIN' }

export const CLEAR: Flow = { name: 'CLEAR' }
