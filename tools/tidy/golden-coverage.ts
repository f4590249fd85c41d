import type { Finding } from './finding.ts'
import type { Repository, SourceFile } from './repository.ts'

const SCHEMAS = 'packages/protocol/src/apis/'
const GOLDEN = 'packages/protocol/test/golden/'
/** How each line of a golden file begins. */
const VECTOR = /^\{"direction":"(request|response)","version":(\d+),/gm

const DIRECTIONS = ['request', 'response'] as const

interface SchemaVersions {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly start: number
}

/** Every version of every API has bytes that Kafka's own classes wrote, as a request and as a response. */
export function checkGoldenCoverage(repository: Repository): Finding[] {
  return repository.packageSources
    .filter(({ path }) => path.startsWith(SCHEMAS))
    .flatMap((file) => schemasIn(file).flatMap((schema) => uncovered(repository, file, schema)))
}

/** Schemas are literals: `{ name: 'EndTxn', apiKey: 26, versions: '0-5', ... }`. */
function schemasIn(file: SourceFile): SchemaVersions[] {
  const schemas: SchemaVersions[] = []
  file.visit({
    ObjectExpression: ({ properties, start }) => {
      const literals = new Map<string, unknown>()
      for (const property of properties) {
        if (property.type !== 'Property' || property.key.type !== 'Identifier') continue
        if (property.value.type === 'Literal') literals.set(property.key.name, property.value.value)
      }
      const name = literals.get('name')
      const versions = literals.get('versions')
      if (!literals.has('apiKey') || typeof name !== 'string' || typeof versions !== 'string') return
      const [from, to] = versions.split('-').map(Number)
      if (from !== undefined && to !== undefined) schemas.push({ name, from, to, start })
    },
  })
  return schemas
}

function uncovered(repository: Repository, file: SourceFile, { name, from, to, start }: SchemaVersions): Finding[] {
  const path = `${GOLDEN}${name}.jsonl`
  const vectors = repository.file(path)?.text.matchAll(VECTOR) ?? []
  const covered = new Set([...vectors].map(([, direction, version]) => `${direction} ${version}`))
  const versions = Array.from({ length: to - from + 1 }, (_, i) => from + i)
  return DIRECTIONS.flatMap((direction) => {
    const missing = versions.filter((version) => !covered.has(`${direction} ${version}`))
    if (missing.length === 0) return []
    const what = `no golden ${direction} of ${name} in version ${missing.join(', ')}: write ${path} with Kafka's classes`
    return [file.finding(start, what)]
  })
}
