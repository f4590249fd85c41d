import { TopicCalls } from './admin/topic-calls.ts'
import { ClusterCalls } from './cluster/cluster-calls.ts'
import type { ProducerConfig, ResolvedConfig } from './config/producer-config.ts'
import { watchProducersMade } from './config/producers-made.ts'
import { resolveConfig } from './config/resolve-config.ts'
import { Engine } from './engine.ts'
import { Lifecycle } from './lifecycle.ts'
import { tracedBatch } from './observe/traced-batch.ts'
import { tracedTransaction } from './observe/traced-transaction.ts'
import type { Clock } from './ports/clock.ts'
import type { Ports } from './ports/ports.ts'
import type { ProducerGroup } from './producer-group.ts'
import { RecordIntake } from './record/record-intake.ts'
import { senderChoiceFor } from './record/sender-choice.ts'
import { type Serialization, serializationFor } from './record/serialization.ts'
import { SerializationQueue } from './record/serialization-queue.ts'
import type { WaysIn } from './transaction/sender-within.ts'
import { Transactions } from './transaction/transactions.ts'

/** What a producer is made of. */
export interface ProducerParts {
  readonly options: ResolvedConfig
  readonly clock: Clock
  readonly engine: Engine
  readonly lifecycle: Lifecycle
  readonly clusterCalls: ClusterCalls
  readonly topicCalls: TopicCalls
  /** Undefined when the producer is not transactional. */
  readonly transactions: Transactions | undefined
  /** Takes bytes. */
  readonly intake: RecordIntake
  /** Takes what the application gives, to the producer and to its transactions. */
  readonly waysIn: WaysIn
  /** Undefined when keys and values are bytes or text. */
  readonly serialization: Serialization | undefined
}

/**
 * Puts a producer together.
 *
 * @throws KafkaError INVALID_CONFIG that names the key and what would be right
 */
export function assembleProducer<Key, Value>(
  config: ProducerConfig<Key, Value>,
  ports: Ports,
  group: ProducerGroup | undefined,
): ProducerParts {
  const options = resolveConfig(group === undefined ? config : { ...config, bufferMemory: group.bufferMemory })
  const { clock, random } = ports
  const { maxBlockMs } = options
  watchProducersMade(options.clientId, options.logger, clock.now())
  const engine = new Engine(options, ports, (error) => lifecycle.fail(error), group)
  const queue = new SerializationQueue({ engine, clock, maxBlockMs })
  const lifecycle: Lifecycle = new Lifecycle({
    engine,
    clock,
    options,
    transactions: () => transactions,
    failWaiting: (error) => queue.failAll(error),
  })
  const assertOpen = (call: string): void => lifecycle.assertOpen(call)
  const transactions: Transactions | undefined = transactionsFor(engine, options, clock, assertOpen, () => waysIn)
  const intake = new RecordIntake({ engine, clock, lifecycle, transactions })
  const serialization = serializationFor(options)
  const { admission, traces } = engine
  const deps = { intake, serialization, queue, admission, lifecycle, transactions, traces, options }
  const waysIn: WaysIn = {
    choice: senderChoiceFor(deps),
    sendBatch: (batch, target, within) =>
      tracedBatch(traces, batch, target, () => intake.sendBatch(batch, target, within)),
    flush: () => lifecycle.flush(undefined),
  }
  return {
    options,
    clock,
    engine,
    lifecycle,
    clusterCalls: new ClusterCalls({ engine, clock, maxBlockMs, assertOpen }),
    topicCalls: new TopicCalls({ engine, clock, random, options, assertOpen }),
    transactions,
    intake,
    waysIn,
    serialization,
  }
}

function transactionsFor(
  { transactions: manager, alarms, sender, traces }: Engine,
  { transactionalId, maxBlockMs }: ResolvedConfig,
  clock: Clock,
  assertOpen: (call: string) => void,
  waysIn: () => WaysIn,
): Transactions | undefined {
  if (manager === undefined || transactionalId === undefined) return undefined
  return new Transactions({
    manager,
    clock,
    alarms,
    onBegin: () => tracedTransaction(traces, transactionalId),
    maxBlockMs,
    wake: () => sender.wake(),
    assertOpen,
    waysIn,
  })
}
