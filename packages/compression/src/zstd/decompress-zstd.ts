import { installedLibraries } from '../codec-libraries.ts'
import { CompressionError } from '../compression-error.ts'
import { loadZlib } from '../node-zlib.ts'
import { decompressByZlib } from '../zlib-decompression.ts'
import { decodeZstd } from './decode-zstd.ts'
import { walkZstdFrame } from './zstd-frame.ts'

/** Reads one zstd frame. */
export function decompressZstd(
  bytes: Buffer,
  maxBytes: number,
  zlibHasZstd: boolean = installedLibraries.zlibHasZstd,
): Buffer {
  const frame = walkZstdFrame(bytes)
  const { contentBytes = 0, frameBytes } = frame
  if (contentBytes > maxBytes) {
    throw new CompressionError('TOO_LARGE', `zstd: ${contentBytes} bytes come out, and ${maxBytes} are allowed`)
  }
  if (frameBytes < bytes.length) {
    throw new CompressionError('TRAILING_BYTES', `${bytes.length - frameBytes} bytes follow the zstd frame`)
  }
  return zlibHasZstd
    ? decompressByZlib('zstd', loadZlib().zstdDecompressSync, bytes, maxBytes).content
    : decodeZstd(bytes, frame, maxBytes)
}
