import type { Explanation } from './explanation.ts'

const CONNECTIONS_ARE_TRIED =
  'connections are tried again after a pause; `connect()` and sends that wait for a topic fail at once, outcome `never`'

/** What brokers may answer a producer, by Kafka's name. */
export const brokerCodes: Readonly<Record<string, Explanation>> = {
  UNKNOWN_SERVER_ERROR: {
    happened: 'Something went wrong inside of the broker, before or after it wrote.',
    advice: 'The log of the broker has the exception.',
  },
  CORRUPT_MESSAGE: {
    happened: 'The bytes changed on the way, or a record without a key was sent to a compacted topic.',
    advice: 'In a compacted topic give every record a key. Else suspect the network or the memory of a machine.',
  },
  UNKNOWN_TOPIC_OR_PARTITION: {
    happened:
      'The broker has no such topic: it does not exist, was deleted, or the broker has just started. Of a topic that did not appear within `maxBlockMs`, and of one that `deleteTopics()` does not find, the outcome is `never`.',
    advice:
      'Create the topic, or let the brokers do so (`auto.create.topics.enable`). Check its name for a typing error.',
  },
  LEADER_NOT_AVAILABLE: { advice: 'Usually nothing. If it lasts, the replicas of the partition are down.' },
  NOT_LEADER_OR_FOLLOWER: {
    happened:
      'The leader moved. It may have moved while the broker waited for the other replicas, so the batch may be in the log.',
    advice: 'Usually nothing. If it lasts, the brokers disagree on who leads: look at the controller.',
  },
  REQUEST_TIMED_OUT: {
    happened:
      'The in-sync replicas did not have the batch in time, or no answer came within `requestTimeoutMs`. From calls about topics: none came within their `timeoutMs`. From `clientInstanceId()`: no broker gave the producer an id in time.',
    advice:
      'Look for slow replicas or a slow network. `requestTimeoutMs` and `deliveryTimeoutMs` can be raised. Brokers give ids only where they collect the metrics of clients.',
  },
  BROKER_NOT_AVAILABLE: {
    happened: 'From calls about topics: the broker that was asked does not know of any broker.',
    advice: 'Look at the log of the broker.',
  },
  REPLICA_NOT_AVAILABLE: { advice: 'Usually nothing. If it lasts, the partition is being moved and does not arrive.' },
  MESSAGE_TOO_LARGE: {
    happened: "The batch is larger than the topic's `max.message.bytes`, or the record than `maxRequestSize`.",
    advice: 'Make the record smaller, or raise `max.message.bytes` of the topic and `maxRequestSize`.',
  },
  NETWORK_EXCEPTION: {
    happened: 'The connection ended with the request under way.',
    advice: 'Usually nothing. If it lasts, look at the network and whether brokers restart.',
  },
  COORDINATOR_LOAD_IN_PROGRESS: { advice: 'Usually nothing: a broker has just taken over, and reads its state.' },
  COORDINATOR_NOT_AVAILABLE: { advice: 'Usually nothing. If it lasts, too few brokers are up.' },
  NOT_COORDINATOR: { advice: 'Usually nothing: another broker has taken over.' },
  INVALID_TOPIC_EXCEPTION: {
    advice: "Use letters, digits, '.', '_' and '-', at most 249. Internal topics cannot be written to.",
  },
  RECORD_LIST_TOO_LARGE: { advice: "Lower `batchSize` below the topic's `segment.bytes`, or raise that." },
  NOT_ENOUGH_REPLICAS: {
    happened: 'Fewer replicas are in sync than `min.insync.replicas`, so the broker did not write.',
    advice: 'Bring back the brokers that are down. Records wait and are tried again until `deliveryTimeoutMs`.',
  },
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: {
    happened: 'The broker wrote, and then found fewer replicas in sync than `min.insync.replicas`.',
    advice:
      'Bring back the brokers that are down. With idempotence the retry is recognized, and nothing is written twice.',
  },
  INVALID_REQUIRED_ACKS: { advice: "Set `acks` to 0, 1 or 'all'." },
  TOPIC_AUTHORIZATION_FAILED: {
    happened: 'For the topic of an offset in a transaction it ends the producer.',
    advice: 'Give the principal WRITE on the topic. Records of other topics go on.',
  },
  CLUSTER_AUTHORIZATION_FAILED: {
    happened: 'From `initTransactions()` it ends nothing: it may be called again.',
    advice:
      'Give the principal IDEMPOTENT_WRITE on the cluster (brokers before 2.8), or set `enableIdempotence: false`.',
  },
  INVALID_TIMESTAMP: {
    advice: "Look at the record's `timestamp` and the topic's `message.timestamp.before.max.ms` and `.after.max.ms`.",
  },
  UNSUPPORTED_VERSION: { advice: 'Use brokers of Kafka 2.1 or newer.' },
  INVALID_REQUEST: { advice: 'Look at the log of the broker. If it blames the client, report it.' },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: { advice: 'Raise `message.format.version` of the topic to 0.11 or newer.' },
  POLICY_VIOLATION: { advice: 'A policy of the brokers forbids it: ask who runs them.' },
  OUT_OF_ORDER_SEQUENCE_NUMBER: {
    happened: "The broker lost what it knew of this producer, with records that were deleted or with a leader's log.",
    advice:
      "Nothing, if the outcome is 'never'. Else the broker may have lost acknowledged records: look for an unclean election.",
  },
  DUPLICATE_SEQUENCE_NUMBER: {
    happened: 'The broker has the batch already, from an attempt whose answer was lost, and forgot its offset.',
    advice: 'Nothing: it is a success, whose `offset` is undefined.',
  },
  INVALID_PRODUCER_EPOCH: {
    happened: 'The broker knows a newer epoch of this producer id.',
    advice: "Nothing, if the outcome is 'never': a new producer id is fetched.",
  },
  INVALID_TXN_STATE: {
    happened:
      'Of a commit: the coordinator had ended the transaction, mostly after `transactionTimeoutMs`. Nothing is committed, the outcome is `never`, and the next transaction may begin.',
    advice: 'Run the transaction again, after an abort if a record failed with it.',
  },
  INVALID_PRODUCER_ID_MAPPING: { advice: 'Close this producer and make a new one.' },
  CONCURRENT_TRANSACTIONS: { advice: 'Usually nothing: the last transaction is still being completed.' },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: {
    happened: 'When InitProducerId is refused, nothing ends: `initTransactions()` may be called again.',
    advice: 'Give the principal WRITE on the transactional id.',
  },
  KAFKA_STORAGE_ERROR: {
    happened: 'A disk of the broker failed. The partition gets another leader, if it has replicas.',
    advice: 'Replace the disk. The log of the broker names the directory.',
  },
  UNKNOWN_PRODUCER_ID: {
    happened: 'The broker forgot this producer, since its records were deleted. Brokers before 2.5 say so.',
    advice: "Nothing, if the outcome is 'never'. Else raise the retention of a topic that is written to rarely.",
  },
  LISTENER_NOT_FOUND: { advice: 'Give every broker the listener that clients connect to.' },
  FENCED_LEADER_EPOCH: { advice: 'Usually nothing: metadata is fetched again.' },
  UNKNOWN_LEADER_EPOCH: { advice: 'Usually nothing: the broker catches up.' },
  UNSUPPORTED_COMPRESSION_TYPE: { advice: 'Choose a `compressionType` that the brokers know: zstd needs Kafka 2.1.' },
  INVALID_RECORD: {
    happened: 'The broker refused a record of the batch, and with it the whole batch: nothing of it is written.',
    advice: 'The message tells the reason. A record without a key in a compacted topic is the usual one.',
  },
  THROTTLING_QUOTA_EXCEEDED: { advice: 'Usually nothing. If it lasts, ask for a larger quota.' },
  PRODUCER_FENCED: {
    happened:
      'Another producer with the same transactional id has taken over, or the transaction took longer than `transactionTimeoutMs`.',
    advice: 'Close this one, and make a new one only after the latter.',
  },
  UNKNOWN_TOPIC_ID: { advice: 'Usually nothing: the topic was made anew, or the broker has just started.' },
  INCONSISTENT_TOPIC_ID: { advice: 'Usually nothing: the topic was made anew.' },
  TRANSACTION_ABORTABLE: { advice: 'Abort the transaction and begin it again.' },
  REBOOTSTRAP_REQUIRED: { advice: 'Nothing: the producer starts again from `bootstrapServers`.' },
  SASL_AUTHENTICATION_FAILED: {
    happened: 'The broker does not believe who we are, or could not prove that it knows us.',
    treatment: CONNECTIONS_ARE_TRIED,
    advice: 'Check user and password, and the mechanism. The message says which side refused.',
  },
  UNSUPPORTED_SASL_MECHANISM: {
    treatment: CONNECTIONS_ARE_TRIED,
    advice: 'Choose one of the mechanisms that the broker offers.',
  },
  ILLEGAL_SASL_STATE: {
    treatment: CONNECTIONS_ARE_TRIED,
    advice: 'Connect to a listener that has SASL, or leave `sasl` out.',
  },
}
