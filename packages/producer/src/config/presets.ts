import type { ProducerConfig } from './producer-config.ts'

/** Some settings for a purpose, to which `bootstrapServers` and whatever else is wanted are added. */
export type Preset = Readonly<Required<Pick<ProducerConfig, 'lingerMs' | 'batchSize' | 'compressionType' | 'acks'>>>

/**
 * Settings to begin with: `new Producer({ ...presets.analytics, bootstrapServers })`. What stands behind a preset
 * overrides it. 'lz4' needs the package lz4-napi, and 'zstd' Node 22.15 or @mongodb-js/zstd.
 *
 * With acks 1 or 0 idempotence is off, which the logger says: a retry may write twice, and without acks nobody knows what
 * was written.
 */
export const presets: Readonly<
  Record<'realTime' | 'analytics' | 'batchPipeline' | 'logAggregation' | 'metrics', Preset>
> = {
  /** Each record at once: orders, clicks that somebody waits for. */
  realTime: { lingerMs: 0, batchSize: 16_384, compressionType: 'none', acks: 'all' },
  /** Events that are read soon, and all of them. */
  analytics: { lingerMs: 20, batchSize: 262_144, compressionType: 'lz4', acks: 'all' },
  /** Large amounts that may take their time. */
  batchPipeline: { lingerMs: 200, batchSize: 1_048_576, compressionType: 'zstd', acks: 'all' },
  /** Logs: the last moments may be lost with a broker. */
  logAggregation: { lingerMs: 500, batchSize: 1_048_576, compressionType: 'zstd', acks: 1 },
  /** Samples of which some may be missing. */
  metrics: { lingerMs: 100, batchSize: 262_144, compressionType: 'lz4', acks: 0 },
}
