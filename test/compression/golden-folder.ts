import { join } from 'node:path'

/** Bytes that other clients compressed, which the tests of packages/compression read. */
export const GOLDEN_FOLDER: string = join(import.meta.dirname, '../../packages/compression/test/golden')
