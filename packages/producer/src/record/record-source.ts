/** Many records: an array, anything that can be iterated, also asynchronously, or a readable stream. */
export type RecordSource<Item> = Iterable<Item> | AsyncIterable<Item>

/** What is iterated at once stays so: a promise per record would cost more than the record. */
export function mapRecords<From, To>(records: RecordSource<From>, map: (record: From) => To): RecordSource<To> {
  return Symbol.asyncIterator in records ? mapLater(records, map) : mapNow(records, map)
}

function* mapNow<From, To>(records: Iterable<From>, map: (record: From) => To): Generator<To> {
  for (const record of records) yield map(record)
}

async function* mapLater<From, To>(records: AsyncIterable<From>, map: (record: From) => To): AsyncGenerator<To> {
  for await (const record of records) yield map(record)
}

/** Reads records one by one, also from what can be read only once. */
export interface RecordReader<Item> {
  /** A promise only where the source gives one. */
  next(): IteratorResult<Item> | Promise<IteratorResult<Item>>
  /** Lets go of the source, which is not read to its end. */
  close(): Promise<unknown>
}

/** What streams have, of Node's and of the web's, beside what other sources have. */
interface Stream<Item> {
  readonly destroy?: () => unknown
  readonly getReader?: () => {
    read(): Promise<IteratorResult<Item>>
    cancel(): Promise<unknown>
  }
}

/** Streams are let go of by their own means: the iterator of one that waits for its next datum would wait with it. */
export function readerOf<Item>(records: RecordSource<Item>): RecordReader<Item> {
  const stream = records as Stream<Item>
  if (stream.getReader !== undefined) {
    const reader = stream.getReader()
    return { next: () => reader.read(), close: () => reader.cancel() }
  }
  const iterator = Symbol.asyncIterator in records ? records[Symbol.asyncIterator]() : records[Symbol.iterator]()
  return {
    next: () => iterator.next(),
    close: async () => (stream.destroy === undefined ? iterator.return?.() : stream.destroy()),
  }
}
