/** An error code of the protocol, and what a client may do about it. */
export interface KafkaErrorCode {
  readonly code: number
  /** Kafka's own name: 'NOT_LEADER_OR_FOLLOWER'. */
  readonly name: string
  /** The same request may succeed later. */
  readonly retriable: boolean
  /** The metadata that led to this broker is out of date: fetch it before the next attempt. */
  readonly refreshesMetadata: boolean
  readonly meaning: string
}

/**
 * Every error code of Kafka 4.3.1, by code.
 *
 * @source Kafka Errors, and RetriableException and InvalidMetadataException among its exceptions
 */
export const errorCodes: readonly KafkaErrorCode[] = [
  fails(-1, 'UNKNOWN_SERVER_ERROR', 'The server experienced an unexpected error when processing the request.'),
  fails(0, 'NONE', 'No error.'),
  fails(1, 'OFFSET_OUT_OF_RANGE', 'The requested offset is not within the range of offsets maintained by the server.'),
  retries(
    2,
    'CORRUPT_MESSAGE',
    'The record has failed its CRC, exceeds the valid size, lacks a key in a compacted topic, or is otherwise corrupt.',
  ),
  refreshes(3, 'UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.'),
  fails(4, 'INVALID_FETCH_SIZE', 'The requested fetch size is invalid.'),
  refreshes(
    5,
    'LEADER_NOT_AVAILABLE',
    'There is no leader for this topic-partition as we are in the middle of a leadership election.',
  ),
  refreshes(6, 'NOT_LEADER_OR_FOLLOWER', 'This broker is not the leader, or not a replica, of the topic-partition.'),
  retries(7, 'REQUEST_TIMED_OUT', 'The request timed out.'),
  fails(8, 'BROKER_NOT_AVAILABLE', 'The broker is not available.'),
  refreshes(9, 'REPLICA_NOT_AVAILABLE', 'The replica is not available for the requested topic-partition.'),
  fails(
    10,
    'MESSAGE_TOO_LARGE',
    'The request included a message larger than the max message size the server will accept.',
  ),
  fails(11, 'STALE_CONTROLLER_EPOCH', 'The controller moved to another broker.'),
  fails(12, 'OFFSET_METADATA_TOO_LARGE', 'The metadata field of the offset request was too large.'),
  refreshes(13, 'NETWORK_EXCEPTION', 'The server disconnected before a response was received.'),
  retries(14, 'COORDINATOR_LOAD_IN_PROGRESS', "The coordinator is loading and hence can't process requests."),
  retries(15, 'COORDINATOR_NOT_AVAILABLE', 'The coordinator is not available.'),
  retries(16, 'NOT_COORDINATOR', 'This is not the correct coordinator.'),
  fails(17, 'INVALID_TOPIC_EXCEPTION', 'The request attempted to perform an operation on an invalid topic.'),
  fails(
    18,
    'RECORD_LIST_TOO_LARGE',
    'The request included message batch larger than the configured segment size on the server.',
  ),
  retries(19, 'NOT_ENOUGH_REPLICAS', 'Messages are rejected since there are fewer in-sync replicas than required.'),
  retries(
    20,
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'Messages are written to the log, but to fewer in-sync replicas than required.',
  ),
  fails(21, 'INVALID_REQUIRED_ACKS', 'Produce request specified an invalid value for required acks.'),
  fails(22, 'ILLEGAL_GENERATION', 'Specified group generation id is not valid.'),
  fails(
    23,
    'INCONSISTENT_GROUP_PROTOCOL',
    "The group member's protocols are incompatible with those of the other members, or it named none.",
  ),
  fails(24, 'INVALID_GROUP_ID', 'The group id is invalid.'),
  fails(25, 'UNKNOWN_MEMBER_ID', 'The coordinator is not aware of this member.'),
  fails(
    26,
    'INVALID_SESSION_TIMEOUT',
    'The session timeout is outside what group.min.session.timeout.ms and group.max.session.timeout.ms allow.',
  ),
  fails(27, 'REBALANCE_IN_PROGRESS', 'The group is rebalancing, so a rejoin is needed.'),
  fails(28, 'INVALID_COMMIT_OFFSET_SIZE', 'The committing offset data size is not valid.'),
  fails(29, 'TOPIC_AUTHORIZATION_FAILED', 'Topic authorization failed.'),
  fails(30, 'GROUP_AUTHORIZATION_FAILED', 'Group authorization failed.'),
  fails(31, 'CLUSTER_AUTHORIZATION_FAILED', 'Cluster authorization failed.'),
  fails(32, 'INVALID_TIMESTAMP', 'The timestamp of the message is out of acceptable range.'),
  fails(33, 'UNSUPPORTED_SASL_MECHANISM', 'The broker does not support the requested SASL mechanism.'),
  fails(34, 'ILLEGAL_SASL_STATE', 'Request is not valid given the current SASL state.'),
  fails(35, 'UNSUPPORTED_VERSION', 'The version of API is not supported.'),
  fails(36, 'TOPIC_ALREADY_EXISTS', 'Topic with this name already exists.'),
  fails(37, 'INVALID_PARTITIONS', 'Number of partitions is below 1.'),
  fails(
    38,
    'INVALID_REPLICATION_FACTOR',
    'Replication factor is below 1 or larger than the number of available brokers.',
  ),
  fails(39, 'INVALID_REPLICA_ASSIGNMENT', 'Replica assignment is invalid.'),
  fails(40, 'INVALID_CONFIG', 'Configuration is invalid.'),
  retries(41, 'NOT_CONTROLLER', 'This is not the correct controller for this cluster.'),
  fails(
    42,
    'INVALID_REQUEST',
    'The request is malformed, or went to a broker that cannot serve it. The broker log says more.',
  ),
  fails(43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'The message format version on the broker does not support the request.'),
  fails(44, 'POLICY_VIOLATION', 'Request parameters do not satisfy the configured policy.'),
  fails(45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'The broker received an out of order sequence number.'),
  fails(46, 'DUPLICATE_SEQUENCE_NUMBER', 'The broker received a duplicate sequence number.'),
  fails(47, 'INVALID_PRODUCER_EPOCH', 'Producer attempted to produce with an old epoch.'),
  fails(48, 'INVALID_TXN_STATE', 'The producer attempted a transactional operation in an invalid state.'),
  fails(
    49,
    'INVALID_PRODUCER_ID_MAPPING',
    'The producer id is not the one currently assigned to this transactional id.',
  ),
  fails(
    50,
    'INVALID_TRANSACTION_TIMEOUT',
    'The transaction timeout is larger than transaction.max.timeout.ms of the broker.',
  ),
  retries(51, 'CONCURRENT_TRANSACTIONS', 'Another operation on the same transaction is still under way.'),
  fails(
    52,
    'TRANSACTION_COORDINATOR_FENCED',
    'The coordinator that sent this WriteTxnMarkers is no longer the one of its producer.',
  ),
  fails(53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Transactional Id authorization failed.'),
  fails(54, 'SECURITY_DISABLED', 'Security features are disabled.'),
  fails(
    55,
    'OPERATION_NOT_ATTEMPTED',
    'The broker did not try this operation, because others of the same request failed.',
  ),
  refreshes(56, 'KAFKA_STORAGE_ERROR', 'Disk error when trying to access log file on the disk.'),
  fails(57, 'LOG_DIR_NOT_FOUND', 'The user-specified log directory is not found in the broker config.'),
  fails(58, 'SASL_AUTHENTICATION_FAILED', 'SASL Authentication failed.'),
  fails(
    59,
    'UNKNOWN_PRODUCER_ID',
    'The broker does not remember this producer id: its records were deleted, or it was never written with.',
  ),
  fails(60, 'REASSIGNMENT_IN_PROGRESS', 'A partition reassignment is in progress.'),
  fails(61, 'DELEGATION_TOKEN_AUTH_DISABLED', 'Delegation Token feature is not enabled.'),
  fails(62, 'DELEGATION_TOKEN_NOT_FOUND', 'Delegation Token is not found on server.'),
  fails(63, 'DELEGATION_TOKEN_OWNER_MISMATCH', 'Specified Principal is not valid Owner/Renewer.'),
  fails(
    64,
    'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED',
    'Delegation tokens are not given out on plaintext connections or on those authenticated by such a token.',
  ),
  fails(65, 'DELEGATION_TOKEN_AUTHORIZATION_FAILED', 'Delegation Token authorization failed.'),
  fails(66, 'DELEGATION_TOKEN_EXPIRED', 'Delegation Token is expired.'),
  fails(67, 'INVALID_PRINCIPAL_TYPE', 'Supplied principalType is not supported.'),
  fails(68, 'NON_EMPTY_GROUP', 'The group is not empty.'),
  fails(69, 'GROUP_ID_NOT_FOUND', 'The group id does not exist.'),
  retries(70, 'FETCH_SESSION_ID_NOT_FOUND', 'The fetch session ID was not found.'),
  retries(71, 'INVALID_FETCH_SESSION_EPOCH', 'The fetch session epoch is invalid.'),
  refreshes(
    72,
    'LISTENER_NOT_FOUND',
    'There is no listener on the leader broker that matches the listener on which metadata request was processed.',
  ),
  fails(73, 'TOPIC_DELETION_DISABLED', 'Topic deletion is disabled.'),
  refreshes(74, 'FENCED_LEADER_EPOCH', 'The leader epoch in the request is older than the epoch on the broker.'),
  retries(75, 'UNKNOWN_LEADER_EPOCH', 'The leader epoch in the request is newer than the epoch on the broker.'),
  fails(
    76,
    'UNSUPPORTED_COMPRESSION_TYPE',
    'The requesting client does not support the compression type of given partition.',
  ),
  fails(77, 'STALE_BROKER_EPOCH', 'Broker epoch has changed.'),
  retries(78, 'OFFSET_NOT_AVAILABLE', 'The new leader has not caught up enough to give offsets that never go back.'),
  fails(79, 'MEMBER_ID_REQUIRED', 'The member needs a member id before it can join the group.'),
  refreshes(80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'The preferred leader was not available.'),
  fails(81, 'GROUP_MAX_SIZE_REACHED', 'The group has reached its maximum size.'),
  fails(
    82,
    'FENCED_INSTANCE_ID',
    'Another consumer with the same group.instance.id has registered with a different member.id.',
  ),
  refreshes(83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', 'Eligible topic partition leaders are not available.'),
  refreshes(84, 'ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.'),
  fails(85, 'NO_REASSIGNMENT_IN_PROGRESS', 'No partition reassignment is in progress.'),
  fails(86, 'GROUP_SUBSCRIBED_TO_TOPIC', 'Offsets of a topic cannot be deleted while the group is subscribed to it.'),
  fails(87, 'INVALID_RECORD', 'This record has failed the validation on broker and hence will be rejected.'),
  retries(88, 'UNSTABLE_OFFSET_COMMIT', 'Pending transactions hold back the offsets.'),
  retries(89, 'THROTTLING_QUOTA_EXCEEDED', 'The throttling quota has been exceeded.'),
  fails(90, 'PRODUCER_FENCED', 'There is a newer producer with the same transactionalId which fences the current one.'),
  fails(91, 'RESOURCE_NOT_FOUND', 'A request illegally referred to a resource that does not exist.'),
  fails(92, 'DUPLICATE_RESOURCE', 'A request illegally referred to the same resource twice.'),
  fails(93, 'UNACCEPTABLE_CREDENTIAL', 'Requested credential would not meet criteria for acceptability.'),
  fails(94, 'INCONSISTENT_VOTER_SET', 'The sender or the recipient of a request among voters is not a voter.'),
  fails(95, 'INVALID_UPDATE_VERSION', 'The given update version was invalid.'),
  fails(96, 'FEATURE_UPDATE_FAILED', 'Unable to update finalized features due to an unexpected server error.'),
  fails(
    97,
    'PRINCIPAL_DESERIALIZATION_FAILURE',
    'The principal of a forwarded request cannot be read: the brokers disagree on their security setup.',
  ),
  fails(98, 'SNAPSHOT_NOT_FOUND', 'Requested snapshot was not found.'),
  fails(99, 'POSITION_OUT_OF_RANGE', 'The position is negative or beyond the end of the snapshot.'),
  refreshes(100, 'UNKNOWN_TOPIC_ID', 'This server does not host this topic ID.'),
  fails(101, 'DUPLICATE_BROKER_REGISTRATION', 'This broker ID is already in use.'),
  fails(102, 'BROKER_ID_NOT_REGISTERED', 'The given broker ID was not registered.'),
  refreshes(103, 'INCONSISTENT_TOPIC_ID', "The log's topic ID did not match the topic ID in the request."),
  fails(104, 'INCONSISTENT_CLUSTER_ID', 'The clusterId in the request does not match that found on the server.'),
  fails(105, 'TRANSACTIONAL_ID_NOT_FOUND', 'The transactionalId could not be found.'),
  retries(106, 'FETCH_SESSION_TOPIC_ID_ERROR', 'The fetch session encountered inconsistent topic ID usage.'),
  fails(107, 'INELIGIBLE_REPLICA', 'The new ISR contains at least one ineligible replica.'),
  fails(108, 'NEW_LEADER_ELECTED', 'AlterPartition changed the partition, but a new leader was elected meanwhile.'),
  fails(109, 'OFFSET_MOVED_TO_TIERED_STORAGE', 'The requested offset is moved to tiered storage.'),
  fails(
    110,
    'FENCED_MEMBER_EPOCH',
    'The member epoch is fenced by the coordinator: give up all partitions and join again.',
  ),
  fails(111, 'UNRELEASED_INSTANCE_ID', 'Another member still uses this instance id, and must leave first.'),
  fails(112, 'UNSUPPORTED_ASSIGNOR', 'The assignor or its version range is not supported by the consumer group.'),
  fails(113, 'STALE_MEMBER_EPOCH', 'The member epoch is stale: retry after the next ConsumerGroupHeartbeat.'),
  fails(114, 'MISMATCHED_ENDPOINT_TYPE', 'The request was sent to an endpoint of the wrong type.'),
  fails(115, 'UNSUPPORTED_ENDPOINT_TYPE', 'This endpoint type is not supported yet.'),
  fails(116, 'UNKNOWN_CONTROLLER_ID', 'This controller ID is not known.'),
  fails(117, 'UNKNOWN_SUBSCRIPTION_ID', 'The telemetry was pushed under an unknown or outdated subscription id.'),
  fails(118, 'TELEMETRY_TOO_LARGE', 'The telemetry is larger than the broker accepts.'),
  fails(119, 'INVALID_REGISTRATION', 'The controller has considered the broker registration to be invalid.'),
  fails(
    120,
    'TRANSACTION_ABORTABLE',
    'The transaction failed and can be aborted, after which the transactional id is usable again.',
  ),
  fails(121, 'INVALID_RECORD_STATE', 'The record is in a state that does not allow this acknowledgement.'),
  retries(122, 'SHARE_SESSION_NOT_FOUND', 'The share session was not found.'),
  retries(123, 'INVALID_SHARE_SESSION_EPOCH', 'The share session epoch is invalid.'),
  fails(
    124,
    'FENCED_STATE_EPOCH',
    'The share coordinator refused the request: the state epoch of the share group did not match.',
  ),
  fails(125, 'INVALID_VOTER_KEY', "The voter key doesn't match the receiving replica's key."),
  fails(126, 'DUPLICATE_VOTER', 'The voter is already part of the set of voters.'),
  fails(127, 'VOTER_NOT_FOUND', 'The voter is not part of the set of voters.'),
  fails(128, 'INVALID_REGULAR_EXPRESSION', 'The regular expression is not valid.'),
  fails(129, 'REBOOTSTRAP_REQUIRED', 'The metadata is too old: start again from the bootstrap servers.'),
  fails(130, 'STREAMS_INVALID_TOPOLOGY', 'The supplied topology is invalid.'),
  fails(131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'The supplied topology epoch is invalid.'),
  fails(132, 'STREAMS_TOPOLOGY_FENCED', 'The supplied topology epoch is outdated.'),
  retries(133, 'SHARE_SESSION_LIMIT_REACHED', 'The limit of share sessions has been reached.'),
]

const byCode = new Map(errorCodes.map((error) => [error.code, error]))

/** Brokers newer than this table may answer codes it lacks: those are not retriable, and keep their number. */
export function errorFor(code: number): KafkaErrorCode {
  return byCode.get(code) ?? fails(code, `UNKNOWN_ERROR_${code}`, 'A code this client does not know.')
}

function fails(code: number, name: string, meaning: string): KafkaErrorCode {
  return { code, name, retriable: false, refreshesMetadata: false, meaning }
}

function retries(code: number, name: string, meaning: string): KafkaErrorCode {
  return { code, name, retriable: true, refreshesMetadata: false, meaning }
}

function refreshes(code: number, name: string, meaning: string): KafkaErrorCode {
  return { code, name, retriable: true, refreshesMetadata: true, meaning }
}
