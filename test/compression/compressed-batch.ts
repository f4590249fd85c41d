import { compressionCodecFor, type CompressionType } from '@linger/compression'
import { recordBatch } from '../../packages/broker/test/record-batch.ts'

const HEADER_BYTES = 61

/**
 * A batch of records with these values, compressed.
 *
 * @param damaged what becomes of the compressed records before the batch's checksum is made
 */
export async function compressedBatch(
  type: CompressionType,
  level: number | undefined,
  values: readonly string[],
  damaged: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<Buffer> {
  const records = values.map((value) => ({ value }))
  const codec = compressionCodecFor(type, level)
  const compressed = await codec.compress([recordBatch({ records }).subarray(HEADER_BYTES)])
  return recordBatch({ records, recordBytes: damaged(compressed), attributes: codec.id })
}
