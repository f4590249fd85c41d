import { expect, test } from 'vitest'
import { type Fields } from '../../src/index.ts'
import { defaultTest, isArrayType } from '../../src/schema/default-value.ts'
import { isOptional } from '../../src/schema/schema.ts'
import { allGoldenVectors, encodeBody } from '../golden-vectors.ts'

test('leaving out whatever is at its default gives the same bytes', () => {
  let leftOut = 0
  const without = (fields: Fields, value: Readonly<Record<string, unknown>>): Record<string, unknown> => {
    const entries = Object.entries(fields).flatMap(([name, field]): [string, unknown][] => {
      if (isOptional(field) && defaultTest(field)(value[name])) {
        leftOut += 1
        return []
      }
      return [[name, part(isArrayType(field.type) ? field.type[0] : field.type, value[name])]]
    })
    return Object.fromEntries(entries)
  }
  const part = (type: string | Fields, value: unknown): unknown => {
    if (typeof type === 'string' || value === null) return value
    if (Array.isArray(value)) return value.map((element) => part(type, element))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema says that it is a struct
    return without(type, value as Record<string, unknown>)
  }

  for (const vector of allGoldenVectors) {
    const { api, direction, version, value, bytes } = vector
    const encoded = encodeBody(vector, without(api[direction], value))
    expect(encoded.equals(bytes), `${api.name} ${direction} version ${version}`).toBe(true)
  }
  expect(leftOut).toBeGreaterThan(1000)
})
