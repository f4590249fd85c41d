import zlib from 'node:zlib'
import { installedLibraries } from '../codec-libraries.ts'
import { CompressionError } from '../compression-error.ts'
import { decompressByZlib } from '../zlib-decompression.ts'
import { walkZstdFrame } from './zstd-frame.ts'

/** Reads one zstd frame. */
export function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  const { contentBytes = 0, frameBytes } = walkZstdFrame(bytes)
  if (contentBytes > maxBytes) {
    throw new CompressionError('TOO_LARGE', `zstd: ${contentBytes} bytes come out, and ${maxBytes} are allowed`)
  }
  if (frameBytes < bytes.length) {
    throw new CompressionError('TRAILING_BYTES', `${bytes.length - frameBytes} bytes follow the zstd frame`)
  }
  if (!installedLibraries.zlibHasZstd) {
    // @mongodb-js/zstd answers later, and cannot be told where to stop.
    throw new CompressionError('MISSING_LIBRARY', 'decompressing zstd needs Node.js 22.15 or newer')
  }
  return decompressByZlib('zstd', zlib.zstdDecompressSync, bytes, maxBytes).content
}
