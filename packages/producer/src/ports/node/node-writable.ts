import type { Writable } from 'node:stream'

/** The class of node:stream, which is loaded when it is first needed: who pipes nothing imports this package sooner. */
export function loadWritable(): typeof Writable {
  return process.getBuiltinModule('node:stream').Writable
}
