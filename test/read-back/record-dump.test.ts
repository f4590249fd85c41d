import { describe, expect, test } from 'vitest'
import { dumpedRecords, type ReadRecord } from './record-dump.ts'

// By hand from the layout in ReadBack.java: topic 1, partition 2, offset 2^32 + 3, timestamp -1, CREATE_TIME, key 'k',
// a null value, one header 'h' with an empty value.
const record =
  '0000002e' +
  '0001' +
  '00000002' +
  '0000000100000003' +
  'ffffffffffffffff' +
  '00' +
  '00000001' +
  '6b' +
  '00' +
  'ffffffff' +
  '00000001' +
  '00000001' +
  '68' +
  '00000000'
const end = (count: number): string => `ffffffff${count.toString(16).padStart(16, '0')}`

async function read(...chunks: Uint8Array[]): Promise<ReadRecord[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    yield* chunks.map((chunk) => Buffer.from(chunk))
  }
  const records: ReadRecord[] = []
  for await (const record of dumpedRecords(stream(), ['a', 'b'])) records.push(record)
  return records
}

describe('a dump of records', () => {
  const dump = Buffer.from(record + record + end(2), 'hex')

  test('gives the same records wherever the stream is cut', async () => {
    const expected = {
      topic: 'b',
      partition: 2,
      offset: 2 ** 32 + 3,
      timestamp: -1,
      timestampType: 'CREATE_TIME',
      key: Buffer.from('k'),
      value: null,
      valueSizeBytes: -1,
      valueIsDigest: false,
      headers: [['h', Buffer.alloc(0)]],
    }
    for (let cut = 0; cut <= dump.length; cut++) {
      expect(await read(dump.subarray(0, cut), dump.subarray(cut)), `cut at ${cut}`).toEqual([expected, expected])
    }
  })

  test('that stops early is an error', async () => {
    for (let size = 0; size < dump.length; size++) {
      await expect(read(dump.subarray(0, size)), `${size} bytes`).rejects.toThrow('without an end mark')
    }
  })

  test('that counts other records than it holds is an error', async () => {
    await expect(read(Buffer.from(record + end(2), 'hex'))).rejects.toThrow('holds 1 records and says 2')
  })
})
