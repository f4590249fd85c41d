import { expect, test } from 'vitest'
import { murmur2 } from '../../src/index.ts'

/** @source Kafka UtilsTest.testMurmur2 */
test.each([
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
])('%s hashes as in Java', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash)
})

test('a view into a larger buffer hashes as its own bytes', () => {
  expect(murmur2(Buffer.from('xxabcxx').subarray(2, 5))).toBe(479_470_107)
})
