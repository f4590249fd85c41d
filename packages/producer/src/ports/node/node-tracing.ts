import { tracingChannel, type TracingChannel as NodeTracingChannel } from 'node:diagnostics_channel'
import type { OperationEnd, Tracing, TracingChannel } from '../tracing.ts'

/** Tracing by node:diagnostics_channel: `tracing:NAME:start`, `end`, `asyncStart`, `asyncEnd` and `error`. */
export class NodeTracing implements Tracing {
  channel<Context extends object>(name: string): TracingChannel<Context> {
    return new NodeChannel<Context>(tracingChannel(name))
  }
}

interface Ended {
  error?: unknown
  result?: unknown
}

class NodeChannel<Context extends object> implements TracingChannel<Context> {
  readonly #channel: NodeTracingChannel<unknown, Ended>

  constructor(channel: NodeTracingChannel<unknown, Ended>) {
    this.#channel = channel
  }

  get hasSubscribers(): boolean {
    return this.#channel.hasSubscribers
  }

  /** As TracingChannel.traceCallback does, for operations that have neither a callback nor a promise of their own. */
  trace<Result>(context: Context & Ended, begin: (onEnd: OperationEnd) => Result): Result {
    const { start, end, asyncStart, asyncEnd, error: failed } = this.#channel
    const onEnd: OperationEnd = (error, result) => {
      if (error === undefined) {
        context.result = result
      } else {
        context.error = error
        failed.publish(context)
      }
      asyncStart.runStores(context, () => asyncEnd.publish(context))
    }
    return start.runStores(context, () => {
      try {
        return begin(onEnd)
      } catch (error) {
        context.error = error
        failed.publish(context)
        throw error
      } finally {
        end.publish(context)
      }
    })
  }
}
