import type * as Util from 'node:util'
import type * as Zlib from 'node:zlib'

/** node:zlib, loaded when it is first needed: who compresses nothing imports this package sooner. */
export function loadZlib(): typeof Zlib {
  return process.getBuiltinModule('node:zlib')
}

/** What node:util makes of a function with a callback. An import of it would load half of what Node has, for its names. */
export const promisify: typeof Util.promisify = process.getBuiltinModule('node:util').promisify
