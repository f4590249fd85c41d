import { metadataTimeout } from '../accumulate/admission-errors.ts'
import type { Engine } from '../engine.ts'
import { invalidArgument, KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { checkTopic } from '../record/record-checks.ts'

/** One partition of a topic. */
export interface PartitionInfo {
  readonly topic: string
  readonly partition: number
  /** The node id of its leader; undefined while it has none. */
  readonly leader: number | undefined
  /** Node ids of the brokers that have it. */
  readonly replicas: readonly number[]
  /** Those that have all of it. */
  readonly inSyncReplicas: readonly number[]
  /** Those that are down. */
  readonly offlineReplicas: readonly number[]
}

export interface ClusterCallsDeps {
  readonly engine: Engine
  readonly clock: Clock
  readonly maxBlockMs: number
  /** @throws KafkaError when the producer is closed or has failed */
  readonly assertOpen: (call: string) => void
}

/** Questions of the application about the cluster. */
export class ClusterCalls {
  readonly #deps: ClusterCallsDeps

  constructor(deps: ClusterCallsDeps) {
    this.#deps = deps
  }

  /** @returns rejects once every bootstrap server has failed, or after `timeoutMs` */
  connect(timeoutMs: number): Promise<void> {
    const { engine, clock, assertOpen } = this.#deps
    const { metadata, firstContact, alarms, sender } = engine
    return new Promise((resolve, reject) => {
      assertOpen('connect()')
      if (metadata.isKnown) {
        resolve()
        return
      }
      let cancelAlarm = (): void => {}
      const giveUp = firstContact.wait(
        () => {
          cancelAlarm()
          resolve()
        },
        (error) => {
          cancelAlarm()
          reject(error)
        },
      )
      cancelAlarm = alarms.set(clock.now() + timeoutMs, () => giveUp(`no broker answered within ${timeoutMs} ms`))
      metadata.refresh()
      sender.wake()
    })
  }

  /** @returns rejects where no metrics are pushed, and after `timeoutMs` without a broker that gives an id */
  async clientInstanceId(timeoutMs: number): Promise<string> {
    const { engine, clock, assertOpen } = this.#deps
    const { telemetry, alarms, sender } = engine
    assertOpen('clientInstanceId()')
    if (telemetry === undefined) throw invalidArgument('clientInstanceId() needs telemetry in the configuration')
    const deadlineMs = clock.now() + timeoutMs
    await this.connect(timeoutMs)
    if (telemetry.clientInstanceId !== undefined) return telemetry.clientInstanceId
    if (telemetry.hasEnded) throw noInstanceId('the brokers refuse metrics, as the log says')
    return new Promise((resolve, reject) => {
      const giveUp = telemetry.waiters.add({
        resolve: (clientInstanceId) => {
          cancelAlarm()
          resolve(clientInstanceId)
        },
        reject: (error) => {
          cancelAlarm()
          reject(error)
        },
      })
      const cancelAlarm = alarms.set(deadlineMs, () =>
        giveUp(noInstanceId(`no broker gave one within ${timeoutMs} ms`)),
      )
      sender.wake()
    })
  }

  /** @returns rejects after `maxBlockMs` without an answer */
  partitionsFor(topicName: string): Promise<PartitionInfo[]> {
    const { engine, clock, maxBlockMs, assertOpen } = this.#deps
    const { metadata, alarms, sender } = engine
    return new Promise((resolve, reject) => {
      assertOpen('partitionsFor()')
      checkTopic(topicName)
      const topic = metadata.topicFor(topicName)
      const answer = (): void =>
        resolve(
          topic.partitions.map(({ index, leader, replicas }) => ({
            topic: topicName,
            partition: index,
            leader: leader?.id,
            ...replicas,
          })),
        )
      if (topic.isKnown) {
        answer()
        return
      }
      const stopWatching = metadata.watch(topic, {
        onKnown: () => {
          cancelAlarm()
          answer()
        },
        onFailed: (error) => {
          cancelAlarm()
          reject(error)
        },
      })
      const cancelAlarm = alarms.set(clock.now() + maxBlockMs, () => {
        stopWatching()
        reject(metadataTimeout(topic, maxBlockMs))
      })
      sender.wake()
    })
  }
}

/** @source Kafka KafkaProducer.clientInstanceId: a TimeoutException */
function noInstanceId(reason: string): KafkaError {
  const hint = 'brokers give one from 3.7 on, where a plugin among their metric.reporters takes the metrics of clients'
  return new KafkaError('REQUEST_TIMED_OUT', `clientInstanceId(): ${reason} (${hint})`, {
    outcome: 'never',
    retriable: true,
  })
}
