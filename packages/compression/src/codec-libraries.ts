import { createRequire } from 'node:module'
import { CompressionError } from './compression-error.ts'

const require = createRequire(import.meta.url)

/** What is used of `lz4-napi`. */
export interface Lz4Library {
  compressFrame(bytes: Uint8Array): Promise<Buffer>
  compressFrameSync(bytes: Uint8Array): Buffer
}

/** What is used of `snappy`. */
export interface SnappyLibrary {
  compress(bytes: Uint8Array): Promise<Uint8Array>
  compressSync(bytes: Uint8Array): Uint8Array
}

/** What is used of `@mongodb-js/zstd`, which works in the thread pool only. */
export interface ZstdLibrary {
  compress(bytes: Buffer, level: number): Promise<Buffer>
}

/** Packages that do what node:zlib cannot. All are optional, and nothing else here loads code by name. */
export interface CodecLibraries {
  /** Whether node:zlib has zstd, as in Node.js 22.15 and newer: then no package is asked for it. */
  readonly zlibHasZstd: boolean
  lz4(): Lz4Library
  snappy(): SnappyLibrary
  zstd(): ZstdLibrary
}

export const installedLibraries: CodecLibraries = {
  zlibHasZstd: process.versions['zstd'] !== undefined,
  lz4: () =>
    load(
      () => require('lz4-napi'),
      (loaded) => hasFunctions<Lz4Library>(loaded, ['compressFrame', 'compressFrameSync']),
      'lz4 needs the package lz4-napi: npm install lz4-napi@2',
    ),
  snappy: () =>
    load(
      () => require('snappy'),
      (loaded) => hasFunctions<SnappyLibrary>(loaded, ['compress', 'compressSync']),
      'snappy needs the package snappy: npm install snappy@7',
    ),
  zstd: () =>
    load(
      // Its index.js passes the bytes on and not the level (1.2.2).
      () => require('@mongodb-js/zstd/bindings.js'),
      (loaded) => hasFunctions<ZstdLibrary>(loaded, ['compress']),
      'zstd needs Node.js 22.15 or newer, or the package @mongodb-js/zstd: npm install @mongodb-js/zstd@1.2.2',
    ),
}

/** Absent, or present without a binary for this platform: both throw on load, the second an error without a code. */
function load<Library>(
  loadPackage: () => unknown,
  isLibrary: (loaded: unknown) => loaded is Library,
  advice: string,
): Library {
  let loaded: unknown
  try {
    loaded = loadPackage()
  } catch (cause) {
    throw new CompressionError('MISSING_LIBRARY', `${advice} (not installed, or not for this platform)`, { cause })
  }
  if (isLibrary(loaded)) return loaded
  throw new CompressionError('MISSING_LIBRARY', `${advice} (the one installed has not the functions of that version)`)
}

function hasFunctions<Library>(loaded: unknown, names: readonly (keyof Library & string)[]): loaded is Library {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    names.every((name) => typeof Reflect.get(loaded, name) === 'function')
  )
}
