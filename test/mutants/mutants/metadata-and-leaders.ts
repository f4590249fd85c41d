import type { Mutant } from '../mutant.ts'

const METADATA = 'packages/producer/src/cluster/metadata.ts'
const UPDATE = 'packages/producer/src/cluster/update-topic.ts'
const JUDGE = 'packages/producer/src/ack/batch-judge.ts'
const SENDER = 'packages/producer/src/sender.ts'
const IDS = 'packages/producer/src/idempotence/producer-id-source.ts'
const CLUSTER = 'packages/producer/src/cluster/cluster.ts'

export const metadataMutants: readonly Mutant[] = [
  {
    name: 'metadata with an older leader epoch is accepted',
    danger: 'a broker that lags behind sends batches back to the former leader, again and again (librdkafka test 0146)',
    file: UPDATE,
    code: 'if (id !== undefined && leaderEpoch >= 0 && leaderEpoch < partition.leaderEpoch) continue\n',
    instead: '\n',
  },
  {
    name: 'a refusal that names the present leader by an older epoch is believed',
    danger: 'batches go back to a former leader',
    file: METADATA,
    code: 'if (isGone || leaderEpoch <= Math.max(partition.leaderEpoch, partition.hintedLeaderEpoch)) return',
    instead: 'if (isGone) return',
  },
  {
    name: 'metadata is not asked for again when a broker does not lead',
    danger: 'batches go to the same broker until their time is over (platformatic #377)',
    file: JUDGE,
    code: "case 'retry':\n        if (decision.refreshMetadata) metadata.refresh()",
    instead: "case 'retry':",
  },
  {
    name: 'a question for metadata that fails is the last one',
    danger: 'the producer stalls until it is made anew (kafkajs #918)',
    file: METADATA,
    code: `      this.#isAsking = false
      if (response !== undefined`,
    instead: `      this.#isAsking = response === undefined
      if (response !== undefined`,
  },
  {
    name: 'what proves metadata wrong does not make it old',
    danger: 'batches go to the same broker until metadata is old by itself (platformatic #377)',
    file: METADATA,
    code: `  refresh(): void {
    this.#isStale = true`,
    instead: `  refresh(): void {
    this.#isStale ||= this.#topics.size === 0`,
  },
  {
    name: 'a partition whose leader comes back is not looked at again',
    danger: 'its records wait until their time is over',
    file: SENDER,
    code: 'if (!partition.isEmpty) this.onReady(partition)\n  }\n\n  close',
    instead: '}\n\n  close',
  },
  {
    name: 'partitions on their way to a former leader stay there',
    danger: 'records wait in a queue that nobody empties',
    file: SENDER,
    code: 'partition.isQueued = false\n    partition.retryAtMs = 0',
    instead: 'partition.retryAtMs = 0',
  },
  {
    name: 'a topic that was made anew keeps its old id',
    danger: 'all that is sent to it is refused (KIP-516)',
    file: UPDATE,
    code: 'topic.id = id ?? topic.id',
    instead: 'topic.id ??= id',
  },
  {
    name: 'a topic that was made anew keeps its old leader epochs',
    danger: 'new leaders are passed over as old ones: the producer stays with a broker that does not lead',
    file: UPDATE,
    code: '      partition.forgetLeaderEpochs()\n',
    instead: '',
  },
  {
    name: 'a producer id that was refused once is not asked for again',
    danger: 'an idempotent producer that never sends a record (platformatic #318)',
    file: IDS,
    code: "this.#state = { name: 'UNINITIALIZED', attempts, retryAtMs: clock.now() + waitMs }",
    instead: "this.#state = { name: 'INITIALIZING', attempts: attempts + 0 * waitMs * clock.now() }",
  },
  {
    name: 'questions that any broker answers all go to the same one',
    danger: 'a broker that hangs keeps metadata and producer ids from all others (platformatic #318)',
    file: CLUSTER,
    code: 'best === undefined || node.questionsAsked.isBefore(best.questionsAsked, api)',
    instead: 'best === undefined',
  },
  {
    name: 'questions of all kinds take turns together',
    danger: 'a broker that answers one kind and hangs at the other gets each of the other, for ever (was so here)',
    file: 'packages/producer/src/cluster/questions-asked.ts',
    code: 'return lastMs === otherMs ? this.#lastOfAllMs < other.#lastOfAllMs : lastMs < otherMs',
    instead: 'return this.#lastOfAllMs < other.#lastOfAllMs',
  },
]
