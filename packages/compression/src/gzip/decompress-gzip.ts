import { CompressionError } from '../compression-error.ts'
import { loadZlib } from '../node-zlib.ts'
import { decompressByZlib } from '../zlib-decompression.ts'

/** Reads gzip members up to the end of the bytes, as Java's GZIPInputStream does. */
export function decompressGzip(bytes: Uint8Array, maxBytes: number): Buffer {
  const { gunzipSync } = loadZlib()
  const { content, consumedBytes } = decompressByZlib('gzip', gunzipSync, bytes, maxBytes)
  // Zeros after the last member: Node takes them for padding, and stays silent.
  const trailingBytes = bytes.length - consumedBytes
  if (trailingBytes > 0) throw new CompressionError('TRAILING_BYTES', `${trailingBytes} bytes follow the gzip data`)
  return content
}
