import type { Mutant } from '../mutant.ts'

const DECISION = 'packages/producer/src/ack/produce-decision.ts'
const DIALOGUE = 'packages/producer/src/transaction/coordinator-dialogue.ts'
const MANAGER = 'packages/producer/src/transaction/transaction-manager.ts'
const ONGOING = 'packages/producer/src/transaction/ongoing-transaction.ts'
const REACTIONS = 'packages/producer/src/transaction/transaction-reaction.ts'
const REQUESTS = 'packages/producer/src/transaction/transactional-request.ts'
const SENDER = 'packages/producer/src/sender.ts'
const STAMP = 'packages/producer/src/idempotence/batch-stamp.ts'
const VERSION = 'packages/producer/src/transaction/transaction-version.ts'

/** What belongs to a transaction, under which epoch it runs, and who is asked about it. */
export const transactionMemberMutants: readonly Mutant[] = [
  {
    name: 'only the first partition of a transaction of v1 is added',
    danger: 'the others are refused, or get no marker: readers wait',
    histories: 'transactions',
    file: ONGOING,
    code: 'if (!this.isV2) {',
    instead: 'if (!this.isV2 && this.#newPartitions.size === 0) {',
  },
  {
    name: 'a transaction of v2 with nothing acknowledged need not be ended',
    danger: 'what was written all the same belongs to the next one, or hangs (T11, franz-go)',
    histories: 'transactions',
    file: ONGOING,
    code: 'onProduce(): void {\n    this.#hasStarted = true',
    instead: 'onProduce(): void {',
  },
  {
    name: 'the group of offsets is not added to a transaction of v1',
    danger: 'the coordinator does not tell the group of the end: offsets stay pending',
    histories: 'transactions',
    file: ONGOING,
    code: 'isGroupAdded: this.isV2',
    instead: 'isGroupAdded: true',
  },
  {
    name: 'offsets that the answer leaves out are taken for committed',
    danger: 'the consumer begins again before what was written: everything twice',
    histories: 'transactions',
    file: REQUESTS,
    code: 'if (codes.length === 0 && offsets.size > 0) codes.push(REQUEST_TIMED_OUT)',
    instead: '',
  },
  {
    name: 'offsets that a group refuses are taken for committed',
    danger: 'a consumer that lost its partitions goes on, beside the one that has them (KIP-447)',
    histories: 'transactions',
    file: REACTIONS,
    code: "FENCED_INSTANCE_ID: 'ABORT',\n    ILLEGAL_GENERATION: 'ABORT',\n    UNKNOWN_MEMBER_ID: 'ABORT',",
    instead: "FENCED_INSTANCE_ID: 'DONE',\n    ILLEGAL_GENERATION: 'DONE',\n    UNKNOWN_MEMBER_ID: 'DONE',",
  },
  {
    name: 'offsets of v2 are sent in an old version',
    danger: 'the group is not added to the transaction',
    histories: 'transactions',
    file: REQUESTS,
    code: 'isV2 ? undefined : TXN_OFFSET_COMMIT_V1_MAX',
    instead: 'TXN_OFFSET_COMMIT_V1_MAX',
  },
  {
    name: 'the id and epoch that EndTxn gives are not taken over',
    danger: 'the next transaction is fenced',
    histories: 'transactions',
    file: MANAGER,
    code: 'if (next !== undefined) this.#identity.adopt(next)\n',
    instead: '\n',
  },
  {
    name: 'an EndTxn of v1 without an answer costs no epoch',
    danger: 'when it comes late it ends the next transaction (T7, Jepsen)',
    histories: 'transactions',
    file: MANAGER,
    code: 'if (isEndTxn) this.#identity.spend()\n      else',
    instead: 'if (!isEndTxn)',
  },
  {
    name: 'lost sequences cost no epoch after a transaction',
    danger: 'the next one begins with sequences that the broker does not accept',
    histories: 'transactions',
    file: MANAGER,
    code: 'if (this.#transaction !== undefined) this.#identity.spend()\n  }\n\n  /** The topic',
    instead: '  }\n\n  /** The topic',
  },
  {
    name: 'another epoch is asked for as a new producer would',
    danger: 'a producer that was fenced takes the transactional id back (T6)',
    histories: 'transactions',
    file: REQUESTS,
    code: 'const knows = identity !== undefined &&',
    instead: 'const knows = identity !== undefined && identity.epoch < 0 &&',
  },
  {
    name: 'sequences go on in the epoch of the next transaction',
    danger: 'the broker wants 0, and refuses for ever',
    histories: 'transactions',
    file: STAMP,
    code: 'partition.sequence?.identity === identity ? partition.sequence.next : 0',
    instead: 'partition.sequence?.next ?? 0',
  },
  {
    name: 'batches do not say that they belong to a transaction',
    danger: 'they are visible at once',
    histories: 'transactions',
    file: STAMP,
    code: '      isTransactional: this.isTransactional,',
    instead: '      isTransactional: false,',
  },
  {
    name: 'Produce does not name the transactional id',
    danger: 'every transactional batch is refused',
    histories: 'transactions',
    file: SENDER,
    code: 'transactionalId: options.transactionalId ?? null',
    instead: 'transactionalId: null',
  },
  {
    name: 'Produce of v1 is sent in the newest version',
    danger: 'it adds partitions by itself, under rules that the rest of the transaction does not follow',
    histories: 'transactions',
    file: SENDER,
    code: 'if (!transactions.isV2) return',
    instead: 'if (transactions.isV2) return',
  },
  {
    name: 'a batch of a transaction is stamped anew',
    danger: 'under another epoch it is in no transaction',
    histories: 'transactions',
    file: DECISION,
    code: 'return mayRetry && !mayBeWritten && !isTransactional',
    instead: 'return mayRetry && !mayBeWritten',
  },
  {
    name: 'the feature alone decides for v2',
    danger: 'brokers that do not speak its versions are never told of partitions',
    histories: 'transactions',
    file: VERSION,
    code: 'level >= 2 && V2_VERSIONS',
    instead: 'level >= 2 || V2_VERSIONS.length === 0 && V2_VERSIONS',
  },
  {
    name: 'a coordinator that has moved is not looked for',
    danger: 'the producer asks the wrong broker for ever',
    histories: 'transactions',
    file: MANAGER,
    code: "case 'FIND_COORDINATOR':\n        this.#deps.coordinators.forget(request.coordinator)\n",
    instead: "case 'FIND_COORDINATOR':\n",
  },
  {
    name: 'a question is asked while another one is open',
    danger: 'a commit overtakes what it is to commit',
    histories: 'transactions',
    file: DIALOGUE,
    code: 'if (this.#isAsking || nowMs < this.#retryAtMs) return',
    instead: 'if (nowMs < this.#retryAtMs) return',
  },
  {
    name: 'a producer that was fenced asks on',
    danger: 'it never tells its application that another has taken over (T6)',
    histories: 'transactions',
    file: REACTIONS,
    code: "    TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'FATAL',\n    PRODUCER_FENCED: 'FATAL',",
    instead: "    TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'FATAL',\n    PRODUCER_FENCED: 'RETRY',",
  },
]
