import { expect, test } from 'vitest'
import { decompress } from '../src/index.ts'
import { librdkafkaLines } from './golden-lines.ts'

test.each(librdkafkaLines())('$type that librdkafka wrote is read', ({ type, bytes, recordCount }) => {
  const content = decompress(type, bytes, { maxBytes: 1_000_000 }).toString()
  const ids = [...content.matchAll(/\{"id":(\d+),"user":"user-\d+","amount":\d+\}/g)].map(([, id]) => Number(id))
  expect(ids).toEqual(Array.from({ length: recordCount }, (_, id) => id))
})

test('each codec is among what librdkafka wrote', () => {
  expect(librdkafkaLines().map(({ type }) => type)).toEqual(['gzip', 'snappy', 'lz4', 'zstd'])
})
