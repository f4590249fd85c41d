/** Node.js has it from version 21 on. */
const { transfer }: ArrayBuffer & { readonly transfer?: (this: ArrayBufferLike, length: number) => unknown } =
  ArrayBuffer.prototype

/**
 * Frees the memory that bytes lie in, at once: they have no byte from then on, nor has anything else that lay there. Where
 * the runtime cannot, V8 finds it some time later, and looks in the whole heap the more often the more of it there is.
 */
export function freeMemory({ buffer }: Uint8Array): void {
  transfer?.call(buffer, 0)
}
