/** Kafka's numbers of the compressions. */
export const CompressionTypes = { None: 0, GZIP: 1, Snappy: 2, LZ4: 3, ZSTD: 4 } as const

export type CompressionTypes = (typeof CompressionTypes)[keyof typeof CompressionTypes]
