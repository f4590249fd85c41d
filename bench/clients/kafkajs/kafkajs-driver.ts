import type { Producer } from 'kafkajs'
import type { Workload } from '../../workload.ts'
import { ARRAYS_OUTSTANDING, type Driver } from '../driver.ts'

type Sending = Pick<Producer, 'connect' | 'disconnect' | 'send'>

/**
 * The same program for KafkaJS and for what takes its place.
 *
 * @param newProducer with the default partitioner. KafkaJS's idempotent mode takes sequences when a request is answered, so
 *   sends that overlap fail: it is off
 */
export async function kafkaJsDriver(
  newProducer: (client: { readonly clientId: string; brokers: string[] }) => Sending,
  workload: Workload,
): Promise<Driver> {
  const { topic, mode } = workload
  const producer = newProducer({ clientId: 'bench', brokers: workload.bootstrapServers.split(',') })
  const value = Buffer.alloc(workload.valueBytes, 'x')
  await producer.connect()

  const record = (partition: number) => (partition < 0 ? { value } : { partition, value })
  const send = (partitions: readonly number[]) => producer.send({ topic, acks: -1, messages: partitions.map(record) })
  return {
    settings: {
      acks: -1,
      idempotent: 'false (it fails with overlapping sends)',
      api: mode === 'callback' ? `send() of 1,000 messages, ${ARRAYS_OUTSTANDING} sends outstanding` : 'send() of one',
    },
    sendArray: send,
    send: (partition) => send([partition]),
    flush: async () => {},
    close: () => producer.disconnect(),
  }
}
