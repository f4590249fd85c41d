/** Before the broker has worked, so that nothing was appended, or after, so that only the answer suffers. */
export type When = 'before' | 'after'

/** What goes wrong with one request. */
export type Fault =
  /** Nothing: the next fault of a list waits for the next request. */
  | { readonly kind: 'pass' }
  /**
   * The request, or the topic-partitions of it that the scope names, are answered with an error: instead of being done
   * (the default), or although they were done.
   */
  | { readonly kind: 'error'; readonly errorCode: number; readonly when?: When }
  /** The broker takes its time, before or (the default) after it has worked. Later requests of the connection wait. */
  | { readonly kind: 'delay'; readonly delayMs: number; readonly when?: When }
  /** No answer comes, and the next requests are answered: no broker does that, and no client may survive it unharmed. */
  | { readonly kind: 'drop'; readonly when?: When }
  /** No answer comes on this connection any more, as when the way back is cut. */
  | { readonly kind: 'hang'; readonly when?: When }
  /** The connection ends instead of an answer, in order (close, the peer reads its end) or not (reset, it reads an error). */
  | { readonly kind: 'close' | 'reset'; readonly when?: When }
  /**
   * The connection ends with the request still on its way: the broker works on it so much later, if it runs then, after
   * all that came over other connections meanwhile. Nobody hears the answer.
   */
  | { readonly kind: 'stray'; readonly delayMs: number; readonly end: 'close' | 'reset' }
  /** The connection ends after so many bytes of the answer, its size of 4 bytes included. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The answer asks the client to pause, and the broker reads nothing more from it for that time (KIP-219). */
  | { readonly kind: 'throttle'; readonly throttleTimeMs: number }
  /** The broker does not work, and answers this: a frame with its size. */
  | { readonly kind: 'answer'; readonly frame: Uint8Array }
  /** The broker works, and its answer, a frame with its size, is changed on the way. */
  | { readonly kind: 'alter'; readonly alter: (frame: Uint8Array) => Uint8Array }

/** A request as a broker got it, for whoever decides about faults. */
export interface ReceivedRequest {
  readonly nodeId: number
  readonly connectionId: number
  /** Ordinal among all requests to this broker, from 1. */
  readonly ordinal: number
  /** Kafka's name of the API, 'Produce', or its key where this broker does not know it. */
  readonly apiName: string
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  /** Without its size. It is overwritten after the request: copy what is to stay. */
  readonly frame: Uint8Array
  /** Where the body begins in the frame. */
  readonly bodyOffset: number
  /** What the request is about, as far as it names topics and partitions. */
  readonly topicPartitions: readonly TopicPartitions[]
}

export interface TopicPartitions {
  /** Undefined for a topic id that the cluster does not have. */
  readonly topic: string | undefined
  /** Undefined: the topic as a whole. */
  readonly partitions: readonly number[] | undefined
}
