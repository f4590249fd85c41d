import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { compressFrame } from 'lz4-napi'
import { compress as compressSnappy } from 'snappy'
import { NO_HEADERS, RecordBatchWriter } from '@linger/protocol'
import type { Workload } from '../../workload.ts'
import { runDriver } from '../driver.ts'
import { valuesFor } from '../values.ts'

/** As many jobs as a producer gives to the thread pool at a time. */
const JOBS = 2
/** Several, so that none stays in the processor's cache between its turns. */
const BATCHES = 4
const RECORD_OVERHEAD_BYTES = 32
const ZSTD_LEVEL = 3

type Compress = (bytes: Buffer) => Promise<Uint8Array>

const gzip: (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer> = promisify(zlib.gzip)
const zstdCompress: (bytes: Buffer, options: zlib.ZstdOptions) => Promise<Buffer> = promisify(zlib.zstdCompress)

/** At the levels that Linger has by default, with room for all output at once: that is each library at its cheapest. */
const LIBRARIES: Readonly<Record<Exclude<Workload['compressionType'], 'none'>, Compress>> = {
  gzip: (bytes) => gzip(bytes, { chunkSize: bytes.length + 1_024 }),
  snappy: (bytes) => compressSnappy(bytes),
  lz4: (bytes) => compressFrame(bytes),
  zstd: (bytes) =>
    zstdCompress(bytes, {
      params: { [zlib.constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
      pledgedSrcSize: bytes.length,
      chunkSize: bytes.length + (bytes.length >> 8) + 1_024,
    }),
}

/**
 * The floor under the cost of compression: batches that are there already, compressed by the library alone, and written
 * nowhere. A group is what the thread pool has at a time, a batch for each job.
 */
await runDriver(async (workload) => {
  const { compressionType, groupRecords } = workload
  if (compressionType === 'none') throw new TypeError('nothing to compress with')
  const compress = LIBRARIES[compressionType]
  const nextValue = valuesFor(workload)
  const batches = Array.from({ length: BATCHES }, () => recordsOf(groupRecords / JOBS, workload.valueBytes, nextValue))
  const counts = { batches: 0, uncompressedBytes: 0, compressedBytes: 0, splits: 0 }

  return {
    settings: { jobs: JOBS, recordsPerBatch: groupRecords / JOBS },
    async sendGroup() {
      const jobs = Array.from({ length: JOBS }, async (_, job) => {
        const batch = batches[(counts.batches + job) % BATCHES] ?? Buffer.alloc(0)
        counts.uncompressedBytes += batch.length
        const compressed = await compress(batch)
        counts.compressedBytes += compressed.length
      })
      await Promise.all(jobs)
      counts.batches += JOBS
    },
    compression: () => counts,
    flush: async () => {},
    close: async () => {},
  }
})

function recordsOf(count: number, valueBytes: number, nextValue: () => Buffer): Buffer {
  const batch = new RecordBatchWriter(Buffer.allocUnsafeSlow(count * (valueBytes + RECORD_OVERHEAD_BYTES) + 1_024))
  for (let added = 0; added < count; added++) batch.tryAppend(Date.now(), null, nextValue(), NO_HEADERS)
  return Buffer.concat(batch.recordPieces())
}
