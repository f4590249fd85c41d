import { randomUUID } from 'node:crypto'
import type { Producer } from '@linger/producer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JavaProducer } from '../java-producer.ts'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

/** Of scripts that wait for it. What they do after it must be done within this time too, on a machine that is busy. */
const TRANSACTION_TIMEOUT_MS = 3_000
const LONG_TIMEOUT_MS = 60_000

/**
 * What is done, step by step, in the words of ScriptedProducer.java. TOPIC and GROUP are the producer's own; `timeout`
 * waits until the broker has aborted the transaction, `taken` lets another producer take the transactional id.
 */
const SCRIPTS: Readonly<Record<string, string>> = {
  'commit and abort in turn':
    'init; begin; send TOPIC 0 a; commit; begin; send TOPIC 0 b; abort; ' +
    'begin; send TOPIC 0 c; offsets TOPIC 0 1 GROUP; commit',
  'empty transactions': 'init; begin; commit; begin; abort; begin; send TOPIC 0 a; commit',
  // No send outside a transaction: Java's producer refuses it, and then commits the record with the next transaction.
  'calls in the wrong order':
    'begin; commit; init; commit; abort; offsets TOPIC 0 1 GROUP; begin; begin; send TOPIC 0 b; commit; commit; abort',
  'a member that the group does not know':
    'init; begin; send TOPIC 0 a; offsets TOPIC 0 1 GROUP 5 nobody; send TOPIC 0 b; commit; abort; ' +
    'begin; send TOPIC 0 c; offsets TOPIC 0 2 GROUP; commit',
  'a commit after the broker’s timeout, and no abort': 'init; begin; send TOPIC 0 a; timeout; commit',
  'an abort after the broker’s timeout': 'init; begin; send TOPIC 0 a; timeout; abort; begin; send TOPIC 0 b; commit',
  'a send after the broker’s timeout':
    'init; begin; send TOPIC 0 a; timeout; send TOPIC 0 b; commit; abort; begin; send TOPIC 0 c; commit',
  'an id that was taken in the middle':
    'init; begin; send TOPIC 0 a; taken; send TOPIC 0 b; abort; begin; commit; init',
  'an id that was taken before the commit': 'init; begin; send TOPIC 0 a; taken; commit; abort; begin',
}

interface Told {
  /** 'ok' or 'refused' for each step. */
  readonly answers: readonly string[]
  readonly committed: readonly string[]
  readonly uncommitted: readonly string[]
  readonly offsets: readonly number[]
}

type Tell = (command: string) => Promise<void>

/** Java's producer and this one are told the same, and what is done and what is refused is the same, and so is the log. */
export function sameAsJava(site: TransactionSite): void {
  describe('as Java’s producer does', () => {
    let java: JavaProducer | undefined
    beforeAll(async () => {
      java = await JavaProducer.start(site.bootstrapServers)
    })
    afterAll(async () => java?.stop())

    test.each(Object.entries(SCRIPTS))('%s', async (_, script) => {
      const transactionTimeoutMs = script.includes('timeout') ? TRANSACTION_TIMEOUT_MS : LONG_TIMEOUT_MS
      const expected = await play(script, async (transactionalId) => {
        await java?.renew(transactionalId, transactionTimeoutMs)
        return async (command) => java?.tell(command)
      })
      const told = await play(script, async (transactionalId) => {
        const producer = site.newProducer({ transactionalId, transactionTimeoutMs })
        return async (command) => tell(producer, command.split(' '))
      })
      expect(told).toEqual(expected)
    })
  })

  async function play(script: string, start: (transactionalId: string) => Promise<Tell>): Promise<Told> {
    const topic = await site.newTopic()
    const groupId = `g-${randomUUID()}`
    const transactionalId = `id-${randomUUID()}`
    const tellProducer = await start(transactionalId)
    const answers: string[] = []
    for (const step of script.split('; ')) {
      const command = step.replace('TOPIC', topic).replace('GROUP', groupId)
      if (command === 'timeout') await untilAborted(transactionalId)
      else if (command === 'taken') await site.newProducer({ transactionalId }).initTransactions()
      else answers.push(`${step}: ${await outcomeOf(tellProducer(command))}`)
    }
    return {
      answers,
      committed: await committedOnceDone(site, topic),
      uncommitted: await site.witness.values(topic, 'read_uncommitted'),
      offsets: (await site.witness.committedOffsets(groupId)).map(({ offset }) => offset),
    }
  }

  async function untilAborted(transactionalId: string): Promise<void> {
    const state = async (): Promise<string> => (await site.witness.transaction(transactionalId)).state
    await expect.poll(state, { timeout: 30_000, interval: 50 }).toBe('CompleteAbort')
  }
}

async function outcomeOf(told: Promise<void>): Promise<'ok' | 'refused'> {
  try {
    await told
    return 'ok'
  } catch {
    return 'refused'
  }
}

/** What ScriptedProducer.java does, with ours. */
async function tell(producer: Producer, [command = '', ...words]: readonly string[]): Promise<void> {
  const [topic = '', partition, last = '', groupId = '', generationId = '-1', memberId = ''] = words
  const place = { topic, partition: Number(partition) }
  const group = { groupId, generationId: Number(generationId), memberId }
  const calls: Readonly<Record<string, () => unknown>> = {
    init: () => producer.initTransactions(),
    begin: () => producer.beginTransaction(),
    send: () => producer.send({ ...place, value: last }),
    offsets: () => producer.sendOffsetsToTransaction([{ ...place, offset: last }], group),
    commit: () => producer.commitTransaction(),
    abort: () => producer.abortTransaction(),
  }
  await calls[command]?.()
}
