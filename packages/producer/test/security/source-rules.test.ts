import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const PACKAGES = join(import.meta.dirname, '../../..')

/** What is installed together with the producer. */
const INSTALLED = ['protocol', 'compression', 'producer']

/** The only packages that may come with them, and those that a user may add. */
const ALLOWED = [
  '@linger/compression',
  '@linger/protocol',
  '@mongodb-js/zstd',
  '@node-rs/crc32',
  'crc-32',
  'lz4-napi',
  'snappy',
]

interface Source {
  readonly path: string
  readonly text: string
}

const sources: readonly Source[] = INSTALLED.flatMap((name) =>
  globSync(`${name}/src/**/*.ts`, { cwd: PACKAGES }).map((path) => ({
    path,
    text: readFileSync(join(PACKAGES, path), 'utf8'),
  })),
)

function pathsWith(pattern: RegExp): string[] {
  return sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path)
}

test('every source is looked at', () => {
  expect(sources.length).toBeGreaterThan(100)
})

describe('what is installed', () => {
  test('S4: loads code by name only where a codec or a checksum may be missing', () => {
    expect(pathsWith(/createRequire|\bimport\(|new Function|\beval\(/).toSorted()).toEqual([
      'compression/src/codec-libraries.ts',
      'protocol/src/records/checksum-libraries.ts',
    ])
  })

  test('S4: and there each name stands in the source', () => {
    for (const { path, text } of sources) {
      if (!text.includes('createRequire(')) continue
      for (const [, argument] of text.matchAll(/\brequire\(([^)]*)\)/g)) expect(argument, path).toMatch(/^'[@\w/.-]+'$/)
    }
  })

  test('S5: reads no file and no environment', () => {
    expect(pathsWith(/node:fs|process\.env|process\.argv/)).toEqual([])
  })

  test('S7: compares what was proven in constant time, and only there', () => {
    expect(pathsWith(/timingSafeEqual/)).toEqual(['producer/src/ports/node/node-cryptography.ts'])
    expect(pathsWith(/\.isEqual\(verifier, serverSignature\)/)).toEqual(['producer/src/network/sasl/scram.ts'])
  })

  test('S22: draws no secret from Math.random', () => {
    expect(pathsWith(/Math\.random/)).toEqual(['producer/src/ports/node/system-random.ts'])
    expect(pathsWith(/next\(\)/).filter((path) => path.includes('sasl/scram'))).toEqual([])
  })

  test('S23: brings only packages that were chosen, and runs nothing when it is installed', () => {
    for (const name of INSTALLED) {
      const manifest: unknown = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8'))
      const keysOf = (key: string): string[] => {
        const value: unknown =
          typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, key) : undefined
        return Object.keys(value ?? {})
      }
      const brought = ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap(keysOf)
      expect(brought.filter((one) => !ALLOWED.includes(one))).toEqual([])
      expect(keysOf('scripts').filter((script) => script.includes('install') || script === 'prepare')).toEqual([])
    }
  })
})
