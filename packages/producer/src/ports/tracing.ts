/** Tells whoever wants to hear of operations when they begin and end. */
export interface Tracing {
  /** @param name of a kind of operation */
  channel<Context extends object>(name: string): TracingChannel<Context>
}

/** Called once, when an operation has ended. */
export type OperationEnd = (error: Error | undefined, result?: unknown) => void

/** One kind of operation. */
export interface TracingChannel<Context extends object> {
  /** While there are none, nothing is to be traced, and nothing to be made for it. */
  readonly hasSubscribers: boolean
  /**
   * Tells that an operation begins, and begins it. Subscribers see one and the same `context` at the beginning and at
   * the end, with its `error` or `result` then.
   *
   * @returns what `begin` returns; what it throws is the operation's end
   */
  trace<Result>(context: Context, begin: (onEnd: OperationEnd) => Result): Result
}
