/** What a key, a value or a header may be without a serializer. Strings are written as UTF-8. */
export type Payload = string | Uint8Array | ArrayBuffer | null | undefined

/** Headers by name, or as pairs where names repeat or their order matters. */
export type Headers = Readonly<Record<string, Payload>> | readonly (readonly [name: string, value: Payload])[]

/** A record to send. */
export interface ProducerRecord {
  readonly topic: string
  /** Records with the same key go to the same partition. */
  readonly key?: Payload
  /** null or undefined writes a tombstone: in a compacted topic it deletes the key. */
  readonly value?: Payload
  readonly headers?: Headers
  /** Default: the partitioner chooses. */
  readonly partition?: number
  /** Milliseconds since 1970. Default: now. */
  readonly timestamp?: number
}
