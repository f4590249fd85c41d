import type { ClientErrorCode } from '../../packages/producer/src/errors.ts'
import type { Explanation } from './explanation.ts'

export interface ClientExplanation extends Explanation {
  readonly happened: string
  readonly outcome: string
  readonly isRetried: string
}

/** Errors of this client's own. A code without an entry does not compile. */
export const clientCodes: Readonly<Record<ClientErrorCode, ClientExplanation>> = {
  INVALID_CONFIG: {
    happened:
      'A setting is unknown, has the wrong type or range, or cannot be combined with another. Or a function as `ssl` gave such options, or brokers refused a setting of `createTopics()`.',
    outcome: 'never',
    isRetried:
      'No: the constructor throws, `Producer.fromProperties` and `withDeadLetters()` too. A function is asked again at the next connection.',
    advice: 'The message names the setting and what would be right.',
  },
  INVALID_ARGUMENT: {
    happened:
      'A record or a call can never work: no topic, a value of another type, a partition that does not exist, `produce()` with a serializer that answers a promise.',
    outcome: 'never',
    isRetried: 'No.',
    advice: 'Correct the call. The same record would fail every time.',
  },
  BUFFER_EXHAUSTED: {
    happened: '`bufferMemory` was full for `maxBlockMs`: records are sent faster than the brokers take them.',
    outcome: 'never',
    isRetried:
      'It waited for room all that time. A record with `delayMs` or `deliverAt` does not wait: it fails at once.',
    advice:
      'Send it again later. If it happens often: await `send`, use `produce` with `drained()`, raise `bufferMemory`, or find out why the brokers are slow.',
  },
  METADATA_TIMEOUT: {
    happened: 'No broker told the partitions of the topic within `maxBlockMs`.',
    outcome: 'never',
    isRetried: 'Brokers were asked again and again all that time.',
    advice:
      'Check `bootstrapServers`, and that the addresses that the brokers advertise (`advertised.listeners`) can be reached from here.',
  },
  DELIVERY_TIMEOUT: {
    happened:
      'The record had no acknowledgement at the end of `deliveryTimeoutMs`. `cause` is how its last attempt ended.',
    outcome: "'never' if no attempt was sent, or each was surely refused; else 'unknown'",
    isRetried: 'It was tried as often as there was time.',
    advice:
      "After 'never' send it again. After 'unknown' it may be in the log, or may never be: sending it again may write it twice. Raise `deliveryTimeoutMs` where outages last longer.",
  },
  CONNECTION_FAILED: {
    happened: 'Every bootstrap server was tried, and none could be reached, or none answered in time.',
    outcome: 'never',
    isRetried:
      'Not by `connect()`; calls about topics ask until their `timeoutMs`. Records that are sent go on looking for a broker.',
    advice: 'Check `bootstrapServers`, the network and the listener. The message has the reason of each address.',
  },
  NOT_KAFKA: {
    happened:
      'The peer answered with something that is not the Kafka protocol: another service, or TLS on one side only.',
    outcome: "'never' from `connect()`; 'unknown' for a record that was on that connection",
    isRetried: 'Yes, on a new connection.',
    advice:
      'Check host and port, and which listener of the broker wants TLS. The message says what the bytes look like.',
  },
  SSL_AUTHENTICATION_FAILED: {
    happened:
      'A connection could not be encrypted with a broker that we trust: its certificate is not for its name, not from an authority that we know, or too old; or it does not trust ours.',
    outcome: 'never',
    isRetried: 'Connections are tried again after a pause; `connect()` and sends that wait for a topic fail at once.',
    advice: 'The message says what is wrong with which certificate, and which key of `ssl` it concerns.',
  },
  SEND_ALL_FAILED: {
    happened:
      'Some records of a `sendAll` failed. `results` has what became of each record, in the order of the input.',
    outcome: "'never' if every record failed with 'never'; else 'unknown'",
    isRetried: 'Each record was, by the rules of its own error.',
    advice: 'Look at `results`: records with metadata are written, those with an error have an outcome of their own.',
  },
  ABORTED: {
    happened: "The `signal` of the record was aborted before the record was sent. `cause` is the signal's reason.",
    outcome: 'never',
    isRetried: 'No.',
    advice: 'Nothing: this is what was asked for.',
  },
  EXPIRED: {
    happened: 'The record was not handed to a broker within its `ttlMs`.',
    outcome: 'never',
    isRetried: 'No.',
    advice:
      'Nothing, if it is worthless by now: this is what was asked for. If it happens often, find out why the brokers are slow, or give records more time.',
  },
  SERIALIZATION_TIMEOUT: {
    happened:
      'An asynchronous `keySerializer` or `valueSerializer` gave nothing within `maxBlockMs`. The records of the topic behind it go on.',
    outcome: 'never',
    isRetried: 'No.',
    advice: 'Look at what the serializer waits for: a schema registry that is down, say. Then send the record again.',
  },
  SCHEMA_REGISTRY_FAILED: {
    happened:
      'The schema registry gave no answer, or the OAuth server before it no token, or it will not have the schema: it is incompatible, or nobody may register it.',
    outcome: 'never',
    isRetried: "Only as often as the registry's client is configured to.",
    advice:
      'The message has what the registry said. Where `retriable` is true send the record again later; else change the schema, or register it by hand.',
  },
  INVALID_TRANSACTION_CALL: {
    happened:
      'A transactional call that the state of the transaction does not allow: before `initTransactions()`, while another is open, after its end, or without a `transactionalId`.',
    outcome: 'never',
    isRetried: 'No. Nothing has changed.',
    advice:
      'A producer has one transaction at a time: await each call. Use `transaction()`, which begins and ends in the right order, or one producer per transaction that runs at a time.',
  },
  TRANSACTION_ABORTED: {
    happened:
      'The record was still in the buffer when its transaction was aborted. `cause` is why, if something failed.',
    outcome: 'never',
    isRetried: 'No.',
    advice: 'Nothing: it belongs to what was aborted. Run the whole transaction again.',
  },
  TRANSACTION_TIMEOUT: {
    happened:
      '`initTransactions()`, `commitTransaction()`, `abortTransaction()` or sending offsets had no answer within `maxBlockMs`. It goes on by itself.',
    outcome: "'unknown' for a commit, which may be done; else 'never'",
    isRetried: 'Yes, in the same direction, until it has an answer.',
    advice: 'Call the same again to learn how it ends. Until then no other transaction begins.',
  },
  CLOSED: {
    happened: 'The producer was closed, or had been closed before the call.',
    outcome: "'unknown' for a record that was on the wire, else 'never'",
    isRetried: 'No.',
    advice: 'Give `close()` more time, or `await producer.flush()` before it. For further records make a new producer.',
  },
}
