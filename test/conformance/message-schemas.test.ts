import { apis, isFlexible, versionsIn } from '@linger/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { hasJava } from './java-presence.ts'
import { flexibleInSpec, schemaLayout, specLayout, stableVersions } from './message-layout.ts'
import { loadMessageSpecs, type MessageSpec } from './message-spec.ts'

/** AddPartitionsToTxn 4 and 5 are for brokers alone. */
const MAX = new Map([['AddPartitionsToTxn', 3]])
/** No broker since 2.1 needs Metadata below 4. */
const MIN = new Map([['Metadata', 4]])

describe.skipIf(!hasJava)('the schemas, beside the message JSON of Kafka 4.3.1', () => {
  let specs = new Map<string, MessageSpec>()

  beforeAll(async () => {
    specs = await loadMessageSpecs(apis.map(({ name }) => name))
  })

  const specOf = (name: string): MessageSpec => {
    const spec = specs.get(name)
    if (spec === undefined) throw new Error(`Kafka has no message ${name}`)
    return spec
  }

  describe.each(apis.map((api) => [api.name, api] as const))('%s', (name, api) => {
    const { min, max } = versionsIn(api.versions)
    const versions = Array.from({ length: max - min + 1 }, (_, index) => min + index)

    test('has the key and the stable versions of Kafka', () => {
      const spec = specOf(`${name}Request`)
      expect(api.apiKey).toBe(spec.apiKey)
      const stable = stableVersions(spec)
      expect({ min, max }).toEqual({ min: MIN.get(name) ?? stable.min, max: MAX.get(name) ?? stable.max })
    })

    test.each(['request', 'response'] as const)('%s: every field of every version is that of Kafka', (direction) => {
      const spec = specOf(name + (direction === 'request' ? 'Request' : 'Response'))
      for (const version of versions) {
        expect(isFlexible(api, version), `version ${version} is flexible`).toBe(flexibleInSpec(spec, version))
        expect(schemaLayout(api[direction], version), `version ${version}`).toEqual(specLayout(spec, version))
      }
    })
  })
})
