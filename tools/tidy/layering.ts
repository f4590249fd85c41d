import { dirname, join } from 'node:path/posix'
import { importsOf, type Import } from './imports.ts'
import type { Finding } from './finding.ts'
import type { Repository, SourceFile } from './repository.ts'

/** The packages beside Node's own modules that each package may import: nothing imports upward. */
const PACKAGE_LAYERS: Readonly<Record<string, readonly string[] | 'all'>> = {
  protocol: ['crc-32', '@node-rs/crc32'],
  compression: ['lz4-napi', 'snappy', '@mongodb-js/zstd'],
  producer: ['@linger/protocol', '@linger/compression'],
  broker: ['@linger/protocol', '@linger/compression', '@node-rs/crc32'],
  kafkajs: ['@linger/producer', '@linger/compression'],
  opentelemetry: ['@linger/producer', '@opentelemetry/api'],
  schemas: ['@linger/producer', '@standard-schema/spec'],
  prometheus: ['@linger/producer', 'prom-client'],
  cli: 'all',
}

/** What a folder inside a package may import of that package; folders that are not named may import all. */
const FOLDER_LAYERS: Readonly<Record<string, readonly string[]>> = {
  'packages/protocol/src/wire/': [],
  'packages/protocol/src/errors/': [],
  'packages/protocol/src/schema/': ['wire/'],
  'packages/protocol/src/records/': ['wire/'],
  'packages/protocol/src/apis/': ['schema/'],
  'packages/protocol/src/frames/': ['wire/', 'schema/', 'apis/'],
  'packages/producer/src/ports/': [],
  'packages/producer/src/network/': ['ports/', 'errors.ts'],
}

/** Doors to the real world, and the only files of the package that may go through. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'packages/producer/src/ports/node/': [
    'packages/producer/src/producer.ts',
    'packages/producer/src/index.ts',
    // A stream of Node's is what its caller asks for, and no port.
    'packages/producer/src/stream/record-writable.ts',
  ],
  'packages/broker/src/tcp/': ['packages/broker/src/index.ts'],
}

/** What users read and copy: it uses what they can use. Tests and benchmarks may look inside the packages. */
const USERS_FOLDERS: readonly string[] = ['demo/', 'examples/']

/** The embedded broker has its own of these: what it judges must not be judged by the same code. */
const NOT_FOR_THE_BROKER: ReadonlySet<string> = new Set(['crc32c', 'readRecordBatches', 'RecordBatchWriter'])

export function checkLayering(repository: Repository): Finding[] {
  return repository.typescript.flatMap((file) =>
    importsOf(file).flatMap((one) => {
      const what = one.specifier.startsWith('.') ? judgeRelative(file, one) : judgePackage(file, one)
      return what === undefined ? [] : [file.finding(one.start, what)]
    }),
  )
}

function judgePackage(file: SourceFile, { specifier, names }: Import): string | undefined {
  const folder = /^packages\/([^/]+)\/src\//.exec(file.path)?.[1]
  if (folder === undefined || specifier.startsWith('node:')) return undefined
  const mayImport = PACKAGE_LAYERS[folder]
  if (mayImport === undefined) return `packages/${folder} has no layer yet: give it one in tools/tidy/layering.ts`
  const imported = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (mayImport !== 'all' && !mayImport.includes(imported)) {
    return `${folder} may not import ${imported}, only ${mayImport.join(', ')}: turn the dependency round`
  }
  if (folder === 'broker' && imported === '@linger/protocol') {
    const shared = names.find((name) => NOT_FOR_THE_BROKER.has(name))
    if (shared !== undefined) return `the broker judges what ${shared} does: use its own`
  }
  return undefined
}

function judgeRelative(file: SourceFile, { specifier }: Import): string | undefined {
  const target = join(dirname(file.path), specifier)
  const home = /^packages\/[^/]+\/(?:src\/)?/.exec(file.path)?.[0]
  if (home === undefined) {
    const isForUsers = USERS_FOLDERS.some((folder) => file.path.startsWith(folder))
    return isForUsers && target.startsWith('packages/') ? `${target}: users import a package by its name` : undefined
  }
  if (!target.startsWith(home)) return `${target} is outside of ${home}: import a package by its name`

  for (const [folder, mayImport] of Object.entries(FOLDER_LAYERS)) {
    if (!file.path.startsWith(folder) || target.startsWith(folder)) continue
    const isAllowed = mayImport.some((allowed) => target.startsWith(home + allowed))
    const only = mayImport.length === 0 ? 'nothing beside itself' : `only ${mayImport.join(', ')}`
    if (!isAllowed) return `${folder} imports ${only}, not ${target}: turn the dependency round`
  }
  for (const [folder, doors] of Object.entries(DOORS)) {
    if (file.path.startsWith(folder) || !target.startsWith(folder) || !home.endsWith('src/')) continue
    if (!doors.includes(file.path)) return `only ${doors.join(', ')} may import ${folder}: take it through a port`
  }
  return undefined
}
