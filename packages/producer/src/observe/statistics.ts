/**
 * What a producer is doing, in the shape that librdkafka gives. Its fields for consumers are left out, and those about
 * its own threads and buffers; what is here means the same. Windows are of the time since the last statistics.
 *
 * @source librdkafka STATISTICS.md
 */
export interface Statistics {
  readonly name: string
  readonly client_id: string
  readonly type: 'producer'
  /** Microseconds on a clock that never goes back. */
  readonly ts: number
  /** Seconds since 1970. */
  readonly time: number
  /** Microseconds since the producer was made. */
  readonly age: number
  /** Records that are not settled: `health().bufferedRecords`. */
  readonly msg_cnt: number
  /** Bytes of the batches that are not settled. */
  readonly msg_size: number
  /** There is no limit to their number: 0. */
  readonly msg_max: 0
  /** `bufferMemory`. */
  readonly msg_size_max: number
  /** Requests sent, and their bytes. */
  readonly tx: number
  readonly tx_bytes: number
  /** Answers, and their bytes. */
  readonly rx: number
  readonly rx_bytes: number
  /** Records sent, and the bytes of their batches. */
  readonly txmsgs: number
  readonly txmsg_bytes: number
  readonly metadata_cache_cnt: number
  /** By `host:port/nodeid`; bootstrap servers by `host:port/bootstrap`. */
  readonly brokers: Readonly<Record<string, BrokerStatistics>>
  /** By name. */
  readonly topics: Readonly<Record<string, TopicStatistics>>
}

export interface BrokerStatistics {
  readonly name: string
  readonly nodeid: number
  /** `host:port`. */
  readonly nodename: string
  readonly source: 'configured' | 'learned'
  readonly state: 'UP' | 'DOWN' | 'CONNECT'
  /** Partitions with a batch that may leave. */
  readonly outbuf_cnt: number
  /** Requests without an answer yet. */
  readonly waitresp_cnt: number
  readonly tx: number
  readonly txbytes: number
  readonly rx: number
  readonly rxbytes: number
  readonly connects: number
  readonly disconnects: number
  /** Microseconds from a batch's first record to its leaving. */
  readonly int_latency: WindowStatistics
  /** Microseconds from a Produce request to its answer. */
  readonly rtt: WindowStatistics
  /** Milliseconds of pause that the broker asked for. */
  readonly throttle: WindowStatistics
  /** The partitions it leads, by `topic-partition`. */
  readonly toppars: Readonly<Record<string, { readonly topic: string; readonly partition: number }>>
}

export interface TopicStatistics {
  readonly topic: string
  /** Milliseconds since the topic's partitions were last asked for; 0 when they never were. */
  readonly metadata_age: number
  /** Bytes per batch. */
  readonly batchsize: WindowStatistics
  /** Records per batch. */
  readonly batchcnt: WindowStatistics
  /** By number. */
  readonly partitions: Readonly<Record<string, PartitionStatistics>>
}

export interface PartitionStatistics {
  readonly partition: number
  /** The leader's node id; -1 when there is none. librdkafka has `broker` beside it, which is the same here. */
  readonly broker: number
  readonly leader: number
  /** Records in the batch that is open. */
  readonly msgq_cnt: number
  readonly msgq_bytes: number
  /** Records in batches that are closed, and wait for their turn. */
  readonly xmit_msgq_cnt: number
  readonly xmit_msgq_bytes: number
  /** Records that are on their way. */
  readonly msgs_inflight: number
  readonly txmsgs: number
  readonly txbytes: number
}

/** Percentiles are right to a sixteenth. */
export interface WindowStatistics {
  readonly min: number
  readonly max: number
  readonly avg: number
  readonly sum: number
  readonly stddev: number
  readonly p50: number
  readonly p75: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly p99_99: number
  /** How many values there were. */
  readonly cnt: number
}
