import type { Payload } from './producer-record.ts'

/**
 * Makes bytes, or text that is written as UTF-8, of a key or a value. It is not asked for null and undefined.
 *
 * One that answers a promise makes the records of its topic wait for each other: they are sent in the order of the calls.
 */
export type Serializer<Data> = (data: Data, topic: string) => Payload | Promise<Payload>
