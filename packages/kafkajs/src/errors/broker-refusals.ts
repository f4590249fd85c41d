import type { ProtocolReason } from './protocol-errors.ts'

/** What KafkaJS says where a broker answers with a number that it does not know. */
const UNKNOWN_CODE = { type: 'KAFKAJS_UNKNOWN_ERROR_CODE', code: -99, retriable: false }

/** Kafka has renamed these since KafkaJS took its names over. */
const RENAMED: Readonly<Record<string, string>> = {
  UNKNOWN_SERVER_ERROR: 'UNKNOWN',
  NOT_LEADER_OR_FOLLOWER: 'NOT_LEADER_FOR_PARTITION',
  COORDINATOR_LOAD_IN_PROGRESS: 'GROUP_LOAD_IN_PROGRESS',
  COORDINATOR_NOT_AVAILABLE: 'GROUP_COORDINATOR_NOT_AVAILABLE',
  NOT_COORDINATOR: 'NOT_COORDINATOR_FOR_GROUP',
  PRODUCER_FENCED: 'INVALID_PRODUCER_EPOCH', // what brokers answer to the versions that KafkaJS speaks
}

const FENCED =
  "Producer attempted an operation with an old epoch. Either there is a newer producer with the same transactionalId, or the producer's transaction has been expired by the broker"

/**
 * What brokers answer to producers, with the names and sentences that KafkaJS's users match on.
 *
 * @source Kafka Errors, as of 2.6
 */
const REFUSALS: readonly (readonly [code: number, type: string, message: string])[] = [
  [-1, 'UNKNOWN', 'The server experienced an unexpected error when processing the request'],
  [2, 'CORRUPT_MESSAGE', 'This message has failed its CRC checksum, exceeds the valid size, or is otherwise corrupt'],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition'],
  [
    5,
    'LEADER_NOT_AVAILABLE',
    'There is no leader for this topic-partition as we are in the middle of a leadership election',
  ],
  [6, 'NOT_LEADER_FOR_PARTITION', 'This server is not the leader for that topic-partition'],
  [7, 'REQUEST_TIMED_OUT', 'The request timed out'],
  [10, 'MESSAGE_TOO_LARGE', 'The request included a message larger than the max message size the server will accept'],
  [12, 'OFFSET_METADATA_TOO_LARGE', 'The metadata field of the offset request was too large'],
  [13, 'NETWORK_EXCEPTION', 'The server disconnected before a response was received'],
  [14, 'GROUP_LOAD_IN_PROGRESS', "The coordinator is loading and hence can't process requests for this group"],
  [15, 'GROUP_COORDINATOR_NOT_AVAILABLE', 'The group coordinator is not available'],
  [16, 'NOT_COORDINATOR_FOR_GROUP', 'This is not the correct coordinator for this group'],
  [17, 'INVALID_TOPIC_EXCEPTION', 'The request attempted to perform an operation on an invalid topic'],
  [
    18,
    'RECORD_LIST_TOO_LARGE',
    'The request included message batch larger than the configured segment size on the server',
  ],
  [19, 'NOT_ENOUGH_REPLICAS', 'Messages are rejected since there are fewer in-sync replicas than required'],
  [
    20,
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'Messages are written to the log, but to fewer in-sync replicas than required',
  ],
  [21, 'INVALID_REQUIRED_ACKS', 'Produce request specified an invalid value for required acks'],
  [22, 'ILLEGAL_GENERATION', 'Specified group generation id is not valid'],
  [24, 'INVALID_GROUP_ID', 'The configured groupId is invalid'],
  [25, 'UNKNOWN_MEMBER_ID', 'The coordinator is not aware of this member'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', 'The committing offset data size is not valid'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', 'Not authorized to access topics: [Topic authorization failed]'],
  [30, 'GROUP_AUTHORIZATION_FAILED', 'Not authorized to access group: Group authorization failed'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', 'Cluster authorization failed'],
  [32, 'INVALID_TIMESTAMP', 'The timestamp of the message is out of acceptable range'],
  [33, 'UNSUPPORTED_SASL_MECHANISM', 'The broker does not support the requested SASL mechanism'],
  [34, 'ILLEGAL_SASL_STATE', 'Request is not valid given the current SASL state'],
  [35, 'UNSUPPORTED_VERSION', 'The version of API is not supported'],
  [36, 'TOPIC_ALREADY_EXISTS', 'Topic with this name already exists'],
  [37, 'INVALID_PARTITIONS', 'Number of partitions is invalid'],
  [38, 'INVALID_REPLICATION_FACTOR', 'Replication-factor is invalid'],
  [39, 'INVALID_REPLICA_ASSIGNMENT', 'Replica assignment is invalid'],
  [40, 'INVALID_CONFIG', 'Configuration is invalid'],
  [41, 'NOT_CONTROLLER', 'This is not the correct controller for this cluster'],
  [
    42,
    'INVALID_REQUEST',
    'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details',
  ],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'The message format version on the broker does not support the request'],
  [44, 'POLICY_VIOLATION', 'Request parameters do not satisfy the configured policy'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'The broker received an out of order sequence number'],
  [47, 'INVALID_PRODUCER_EPOCH', FENCED],
  [48, 'INVALID_TXN_STATE', 'The producer attempted a transactional operation in an invalid state'],
  [
    49,
    'INVALID_PRODUCER_ID_MAPPING',
    'The producer attempted to use a producer id which is not currently assigned to its transactional id',
  ],
  [
    50,
    'INVALID_TRANSACTION_TIMEOUT',
    'The transaction timeout is larger than the maximum value allowed by the broker (as configured by max.transaction.timeout.ms)',
  ],
  [
    51,
    'CONCURRENT_TRANSACTIONS',
    'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing',
  ],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Transactional Id authorization failed'],
  [56, 'KAFKA_STORAGE_ERROR', 'Disk error when trying to access log file on the disk'],
  [
    59,
    'UNKNOWN_PRODUCER_ID',
    "This exception is raised by the broker if it could not locate the producer metadata associated with the producerId in question. This could happen if, for instance, the producer's records were deleted because their retention time had elapsed. Once the last records of the producerId are removed, the producer's metadata is removed from the broker, and future appends by the producer will return this exception",
  ],
  [73, 'TOPIC_DELETION_DISABLED', 'Topic deletion is disabled'],
  [
    76,
    'UNSUPPORTED_COMPRESSION_TYPE',
    'The requesting client does not support the compression type of given partition',
  ],
  [
    82,
    'FENCED_INSTANCE_ID',
    'The broker rejected this static consumer since another consumer with the same group instance id has registered with a different member id',
  ],
  [87, 'INVALID_RECORD', 'This record has failed the validation on broker and hence be rejected'],
  [88, 'UNSTABLE_OFFSET_COMMIT', 'There are unstable offsets that need to be cleared'],
]

const RETRIABLE: ReadonlySet<number> = new Set([2, 3, 5, 6, 7, 13, 14, 15, 16, 19, 20, 41, 51, 56, 88])

const refusalsByType = new Map<string, ProtocolReason>(
  REFUSALS.map(([code, type, message]) => [type, { code, type, message, retriable: RETRIABLE.has(code) }]),
)

/**
 * What KafkaJS makes of a broker's answer.
 *
 * @param name Kafka's, of today
 * @returns undefined when it is not the name of an answer that KafkaJS knows
 */
export function refusalNamed(name: string): ProtocolReason | undefined {
  return refusalsByType.get(RENAMED[name] ?? name)
}

/** An answer that came after KafkaJS. */
export function unknownRefusal(message: string): ProtocolReason {
  return { ...UNKNOWN_CODE, message }
}

/**
 * What KafkaJS makes of a broker's answer, also of one that it does not know.
 *
 * @param name Kafka's, of today
 * @param message for an answer that came after KafkaJS
 */
export function reasonOf(name: string, message: string = name): ProtocolReason {
  return refusalNamed(name) ?? unknownRefusal(message)
}
