import { type RunningBroker, startBroker } from '@linger/broker'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startKafka } from '../real-kafka/index.ts'
import { BrokerWire } from './broker-wire.ts'
import { additions } from './transaction-cases/additions.ts'
import { beginnings } from './transaction-cases/beginnings.ts'
import { ends } from './transaction-cases/ends.ts'
import { consumerOffsets } from './transaction-cases/offsets.ts'
import { add, end, epoch, init, NEW, OLD, write } from './transaction-cases/steps.ts'
import { told } from './transaction-cases/told.ts'
import { writes } from './transaction-cases/writes.ts'
import { TransactionalWire } from './transactional-wire.ts'

const kafka = inject('kafka')

interface Brokers {
  readonly embedded: RunningBroker
  readonly real: { readonly bootstrapServers: string; stop(): Promise<void> }
}

// Older brokers answer other codes to what is not verified.
describe.skipIf(kafka?.version.startsWith('4.') !== true).each([2, 1] as const)(
  'transactions at transaction.version %i: the embedded broker answers as a real Kafka 4 does',
  (transactionVersion) => {
    let brokers: Brokers
    let embedded: BrokerWire
    let real: BrokerWire

    beforeAll(async () => {
      brokers = {
        embedded: await startBroker({ transactionVersion }),
        real:
          transactionVersion === 2 && kafka !== null
            ? { ...kafka, stop: async () => {} }
            : await startKafka({ transactionVersion }),
      }
      embedded = await BrokerWire.open(brokers.embedded.bootstrapServers)
      real = await BrokerWire.open(brokers.real.bootstrapServers)
    })

    afterAll(async () => {
      embedded.close()
      real.close()
      await brokers.embedded.close()
      await brokers.real.stop()
    })

    test.each([...told, ...beginnings, ...additions, ...ends, ...writes, ...consumerOffsets])(
      '$name',
      async ({ steps }) => {
        const expected = await play(real, steps)
        expect(await play(embedded, steps)).toEqual(expected)
      },
    )

    // docs/transactions.md warns of it: once Kafka refuses this, the warning can go, and so can the simulation's excuse.
    test.each([true, false])(
      'Kafka takes the end of a fenced v2 producer for the last one of its v1 successor (commit: %s)',
      async (isCommit) => {
        const steps = [init, init, add, write(0), end(isCommit, OLD), epoch(-1), end(isCommit, NEW)]
        const answers = await play(real, steps)
        expect(answers[1], 'the successor').toMatchObject({ errorCode: 0, producerEpoch: 1 })
        expect(answers.at(-1), 'the fenced one').toEqual(answers[1])
      },
    )
  },
)

async function play(
  wire: BrokerWire,
  steps: readonly ((tx: TransactionalWire) => unknown)[],
): Promise<readonly unknown[]> {
  const tx = new TransactionalWire(wire, randomUUID())
  await tx.prepare()
  const answers: unknown[] = []
  for (const step of steps) answers.push(await step(tx))
  return answers
}
