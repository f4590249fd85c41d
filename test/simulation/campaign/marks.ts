import type { Histories } from '../plan/histories.ts'
import { COMPRESSION_MARKS } from './compression-marks.ts'
import { type Mark, marksIn } from './mark.ts'
import { TIMING_MARKS } from './timing-marks.ts'
import { TRANSACTION_MARKS } from './transaction-marks.ts'

/** What a campaign must pass to have tested anything. */
export function marksOf(histories: Histories): readonly Mark[] {
  return histories === 'transactions' ? TRANSACTION_MARKS : MARKS
}

/** Every branch that retries, recovers or gives up. A campaign that misses one has not tested it. */
const MARKS: readonly Mark[] = [
  ...marksIn('ack/batch-judge.ts', {
    'the same bytes go again after an answer': 'batch.mayBeWritten = decision.mayBeWritten',
    'a batch is stamped anew': 'batch.unseal()',
    'a batch goes in pieces': "stamp.onFailed(batch, 'rewind')",
    'a batch is refused for good': 'errorPerRecord(this.#deps.asFailed(error), answer)',
    'an answer ends the producer': 'if (decision.fatal) this.#deps.onFatal(error)',
    'a batch is lost with its connection and goes again': 'this.#mayRetry(batch)) this.#retry(batch)',
    'a batch is lost with its connection and given up': 'else this.#fail(batch, lost(',
    'a batch expires that may be written': "this.#fail(batch, error, outcome === 'unknown' ? 'bump'",
    'a batch expires that surely is not': "this.#fail(batch, error, outcome === 'unknown' ? 'bump' : 'rewind'",
    'a batch expires in flight and takes its connection along': 'connections.add(batch.sentTo)',
    'a batch on the wire fails with the producer': "errorFor(isUnknown ? 'unknown'",
    'a batch that was never sent fails with the producer': "errorFor(isUnknown ? 'unknown' : 'never'",
  }),
  ...marksIn('ack/produce-decision.ts', {
    'a duplicate is a success': "return { kind: 'acknowledge', offsetIsKnown: false",
    'a sequence is out of order': "case OUT_OF_ORDER_SEQUENCE_NUMBER:\n      return stampedAnew('bump'",
    'an epoch is invalid': "return stampedAnew('reset'",
    'a producer id is unknown, and the answer says too little': "? { kind: 'retry', refreshMetadata: true",
    'a producer id is unknown': ": stampedAnew('bump'",
    'a sequence is lost, and the batch may be written': ': failed(mayBeWritten, false, identity, false',
  }),
  ...marksIn('idempotence/batch-stamp.ts', {
    'sequences are rewound': 'rewind(partition, seal',
    'a stamp is retired': 'this.#ids.retire(seal, step',
    'a topic made anew begins a new epoch': "this.#ids.retire({ producerId, producerEpoch: epoch }, 'bump'",
  }),
  ...marksIn('idempotence/producer-id-source.ts', {
    'one bump serves several batches': 'identity.epoch !== producerEpoch) return',
    'the answer with the producer id is lost': 'if (response === undefined) this.#onError(error, attempts',
    'a producer id is refused': 'else this.#onErrorCode(response.errorCode',
    'a producer id is asked for again': "this.#state = { name: 'UNINITIALIZED', attempts, retryAtMs",
    'there will never be a producer id': "this.#state = { name: 'FATAL_ERROR'",
  }),
  ...marksIn('cluster/broker-node.ts', {
    'an idle connection is not used again': 'this.close(closedIdle(',
    'a name is not resolved': 'else this.#onDown(unresolved(this.address, error',
    'a name is not resolved in time': 'this.#onDown(unresolved(this.address, reason',
    'another address of the name is tried':
      "if (this.#addresses.hasUntried) {\n      this.#state = { name: 'DISCONNECTED'",
    'ApiVersions is asked for in an older version': 'this.#apiVersionsVersion = API_VERSIONS_AFTER_RESET',
    'a connection is made again after a back-off': 'const waitMs = backoffMs(this.#failedAttempts',
    'a broker asks for a pause': 'const pauseMs = Math.min(throttleTimeMs',
  }),
  ...marksIn('cluster/cluster.ts', {
    'a broker is gone': 'this.#brokers.delete(id',
    'back to the bootstrap servers': 'this.#brokers.clear(',
  }),
  ...marksIn('cluster/metadata.ts', {
    'metadata is asked for again': 'this.#isStale ||= isFull',
    'an answer names the new leader': 'partition.leader = leader\n    onLeaderChanged(partition',
    'a leader is gone': 'partition.leader = cluster.broker(leader.id',
    'a topic cannot be used': 'topic.lastError = name\n',
    'a topic is unknown for a moment': 'return !this.#wanted.has(topic',
    'a partition has no leader': 'if (!hasLeaders) this.#isStale = true',
    'no broker answers for long': 'this.#rebootstrap(nowMs, unanswered(',
  }),
  ...marksIn('cluster/update-topic.ts', {
    'metadata is older than what is known': 'leaderEpoch < partition.leaderEpoch) continue',
    'a topic was made anew': 'onRecreated(partition',
    'a topic was made anew with fewer partitions': 'for (const partition of gone) {\n    partition.leader = undefined',
  }),
  ...marksIn('network/connection.ts', {
    'a connection is ended since an answer is late': '? `no answer within',
    'a connection is ended since it is not ready': ': `not ready within',
    'a socket holds bytes when its connection ends': 'if (this.#writing !== undefined) this.#fail(this.#writing, error',
    'a peer does not speak Kafka': 'this.close(notKafka(',
    'an answer is out of step': 'throw new Error(`an answer to request',
    'a broker refuses to tell its versions': 'else this.close(versionsRefused(',
    'a broker is too old': 'this.close(unsupported(this.address, metadata',
  }),
  ...marksIn('request/produce-exchange.ts', {
    'an answer has too much in it': 'const batch = unanswered[at]\n        if (batch === undefined) continue',
    'an answer leaves a partition out': 'this.#events.onLost(batch, new Error(',
  }),
  ...marksIn('sender.ts', {
    'a partition waits for its leader or its back-off': 'this.#held.add(partition',
    'a partition has another leader': 'partition.retryAtMs = 0',
    'a broker speaks no Produce that we speak': 'judge.onUnsupported(batch',
  }),
  ...marksIn('accumulate/admission.ts', {
    'a record waits for memory': 'record.group.add(record.recordCount)\n      this.#forMemory.push(record',
    'a record has waited too long for memory': 'this.#refuseWaiting(head, bufferExhausted(',
    'a record has waited too long for its topic': 'this.#refuseWaiting(head, metadataTimeout(',
    'a record names a partition that is not there': 'this.#refuseWaiting(record, unknownPartition(',
    'a record is taken back while it waits': 'dropSettled(record.topic.waiting',
  }),
  ...COMPRESSION_MARKS,
  ...TIMING_MARKS,
  ...marksIn('accumulate/record-accumulator.ts', {
    'a record is taken back from its batch': 'batch.takeBack(index, error',
    'a record is taken back too late': 'if (batch.attempts > 0 || batch.isSettled) return',
  }),
]
