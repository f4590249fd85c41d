import { describe, expect, test } from 'vitest'
import { serializers } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'

type Payloads = string | Uint8Array

describe('a ready-made serializer:', () => {
  test.each<[string, Payloads, string]>([
    ['json', serializers.json({ a: [1, null] }), '7b2261223a5b312c6e756c6c5d7d'],
    ['string', serializers.string('\u00fc'), 'c3bc'],
    ['int16', serializers.int16(-2), 'fffe'],
    ['int32', serializers.int32(2 ** 31 - 1), '7fffffff'],
    ['int64', serializers.int64(-1n), 'ffffffffffffffff'],
    ['int64 of a number', serializers.int64(2 ** 53 - 1), '001fffffffffffff'],
    ['float64', serializers.float64(1.5), '3ff8000000000000'],
    [
      'uuid',
      serializers.uuid('123E4567-e89b-12d3-a456-426614174000'),
      Buffer.from('123e4567-e89b-12d3-a456-426614174000').toString('hex'),
    ],
  ])("%s writes what Java's deserializer reads", (_name, bytes, expected) => {
    expect(Buffer.from(bytes).toString('hex')).toBe(expected)
  })

  test.each<[string, () => unknown, string]>([
    ['json of nothing', () => serializers.json(undefined), 'undefined is nothing in JSON'],
    ['a number as string', () => serializers.string(unchecked(5)), 'a string is wanted'],
    ['int16 beyond its range', () => serializers.int16(40_000), 'out of range'],
    ['int32 beyond its range', () => serializers.int32(2 ** 31), 'out of range'],
    ['int32 of a fraction', () => serializers.int32(1.5), 'an integer is wanted'],
    ['int64 beyond its range', () => serializers.int64(2n ** 63n), 'out of range'],
    ['int64 of a number that is rounded', () => serializers.int64(2 ** 53), 'an integer is wanted'],
    ['float64 of text', () => serializers.float64(unchecked('1')), 'a number is wanted'],
    ['a UUID that is none', () => serializers.uuid('123e4567'), 'a UUID is wanted'],
  ])('refuses %s', (_name, serialize, says) => {
    expect(serialize).toThrow(says)
  })
})
