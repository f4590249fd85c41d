import type { Transform } from 'node:stream'
import type * as Zlib from 'node:zlib'

/** node:zlib, loaded when it is first needed: who compresses nothing imports this package sooner. */
export function loadZlib(): typeof Zlib {
  return process.getBuiltinModule('node:zlib')
}

/**
 * What a compressing stream makes of all there is, in one trip to the thread pool. zlib's own functions write in one trip and
 * end in another, which costs a small batch a third more, and zstd a longer way since it does not know that it has everything.
 *
 * @param stream its `flush` is that of the end: Z_FINISH, or ZSTD_e_end
 */
export async function compressInOneTrip(stream: Transform, bytes: Buffer): Promise<Buffer> {
  try {
    const chunks: Buffer[] = []
    await new Promise<void>((resolve, reject) => {
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', reject)
      stream.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
    const [first, ...more] = chunks
    if (first === undefined) throw new Error('the stream ended without a byte')
    return more.length === 0 ? first : Buffer.concat(chunks)
  } finally {
    stream.destroy()
  }
}
