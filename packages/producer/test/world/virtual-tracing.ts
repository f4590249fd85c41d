import { unchecked } from './unchecked.ts'
import type { OperationEnd, Tracing, TracingChannel } from '../../src/index.ts'

/** What was told of an operation. */
export interface TracedOperation {
  readonly channel: string
  readonly context: object
  end: { readonly error: Error | undefined; readonly result: unknown } | undefined
}

/** Keeps what is traced on the channels that somebody listens to. */
export class VirtualTracing implements Tracing {
  readonly operations: TracedOperation[] = []
  /** By channel: runs at the beginning of each of its operations, and may change its context. */
  readonly subscribers = new Map<string, (context: never) => void>()

  channel<Context extends object>(name: string): TracingChannel<Context> {
    const { subscribers, operations } = this
    return {
      get hasSubscribers() {
        return subscribers.has(name)
      },
      trace(context, begin) {
        subscribers.get(name)?.(unchecked(context))
        const operation: TracedOperation = { channel: name, context, end: undefined }
        operations.push(operation)
        const onEnd: OperationEnd = (error, result) => {
          if (operation.end !== undefined) throw new Error(`${name}: an operation has ended twice`)
          operation.end = { error, result }
        }
        return begin(onEnd)
      },
    }
  }
}
