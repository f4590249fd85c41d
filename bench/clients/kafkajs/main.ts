import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { runDriver } from '../driver.ts'
import { kafkaJsDriver } from './kafkajs-driver.ts'

await runDriver((workload) =>
  kafkaJsDriver(
    (client) =>
      new Kafka({ ...client, logLevel: logLevel.ERROR }).producer({
        idempotent: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      }),
    workload,
  ),
)
