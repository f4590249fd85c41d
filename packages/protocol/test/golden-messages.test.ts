import { describe, expect, test } from 'vitest'
import { apis, versionsIn } from '../src/index.ts'
import { decodeBody, encodeBody, goldenVectors } from './golden-vectors.ts'

describe.each(apis.map((api) => [api.name, api] as const))('%s', (_name, api) => {
  const vectors = goldenVectors(api)

  test('has vectors of every version in both directions', () => {
    const { min, max } = versionsIn(api.versions)
    const versions = Array.from({ length: max - min + 1 }, (_, index) => min + index)
    for (const direction of ['request', 'response']) {
      const covered = new Set(vectors.filter((vector) => vector.direction === direction).map(({ version }) => version))
      expect([...covered]).toEqual(versions)
    }
  })

  test('bytes of Kafka decode to the message it encoded', () => {
    for (const vector of vectors) {
      const { direction, version, value, bytes } = vector
      expect(decodeBody(vector, bytes), `${direction} version ${version}`).toEqual(value)
    }
  })

  test('a message encodes to the bytes Kafka makes of it', () => {
    for (const vector of vectors) {
      const { direction, version, value, bytes } = vector
      expect(encodeBody(vector, value).toString('hex'), `${direction} version ${version}`).toBe(
        Buffer.from(bytes).toString('hex'),
      )
    }
  })
})
