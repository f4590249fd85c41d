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
