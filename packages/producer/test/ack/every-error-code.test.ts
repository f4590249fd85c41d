import { errorFor, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { ProducerConfig } from '../../src/index.ts'
import { answerTo, refuseProduce, type BrokerRequest, type Fault } from '../world/broker-host.ts'
import { type Outcome, World } from '../world/world.ts'
import { type Cell, type ErrorRow, readErrorTable } from './produce-error-table.ts'

const NOT_ENOUGH_REPLICAS = 19
const TOPIC_AUTHORIZATION_FAILED = 29

/** What a producer made of one answer. The batch under test has sequence 1: a record was written before it. */
interface Course {
  readonly world: World
  readonly sent: readonly (() => Outcome<unknown>)[]
  /** Where on the wire the attempt is that got the answer. */
  readonly answeredAt: number
}

/** Sends a batch, has it answered with the code, and refuses whatever attempt follows, surely. */
async function take({ code, variant }: ErrorRow, cell: Cell, mode: Partial<ProducerConfig>): Promise<Course> {
  const world = new World()
  // Without any retries a producer is not idempotent, so its last attempt is never the first.
  const attemptsBefore = cell.mayBeWritten || cell.isLast ? 1 : 0
  const producer = world.producer({ ...mode, ...(cell.isLast ? { retries: 1 } : {}) })
  await world.until(producer.send({ topic: 't', value: 'before' }))
  let isOver = false
  world.onRequest(produce, (request, ordinal) => {
    if (isOver) return undefined
    if (ordinal <= attemptsBefore)
      return cell.mayBeWritten ? { kind: 'close-before' } : refuseProduce(request, NOT_ENOUGH_REPLICAS)
    if (ordinal > attemptsBefore + 1) return refuseProduce(request, TOPIC_AUTHORIZATION_FAILED)
    return answered(request, code, variant === 'start unknown' ? -1n : 0n)
  })
  const values = variant === '1 record' ? ['1'] : ['1', '2']
  const sent = values.map((value) => world.watch(producer.send({ topic: 't', value })))
  await world.untilTrue(() => sent.every((outcome) => outcome().state !== 'pending'))
  isOver = true
  for (const value of ['next', 'and on']) {
    const next = world.watch(producer.send({ topic: 't', value }))
    await world.untilTrue(() => next().state !== 'pending')
    expect(next().state).toBe(cell.expected.endsWith('fatal') ? 'rejected' : 'fulfilled')
  }
  return { world, sent, answeredAt: 1 + attemptsBefore }
}

function answered(request: BrokerRequest, errorCode: number, logStartOffset: bigint): Fault {
  if (errorCode !== 0 && logStartOffset < 0n) return refuseProduce(request, errorCode)
  return answerTo(request, produce, ({ topicData }) => ({
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => {
        return { index, errorCode, baseOffset: errorCode === 0 ? 7n : -1n, logStartOffset }
      }),
    })),
  }))
}

/** How the stamp of a batch came from an earlier one's. */
function stampStep(course: Course, from: number, to: number): string {
  const [before, after] = [from, to].map((at) => course.world.wire.batches.at(at)?.batch)
  if (before === undefined || after === undefined) throw new Error('no such batch')
  if (after.producerId !== before.producerId) return 'reset'
  if (after.producerEpoch !== before.producerEpoch) return 'bump'
  return after.baseSequence === before.baseSequence ? 'same' : 'next'
}

function expectFailure({ sent }: Course, errorCode: number, outcome: string | undefined, fatal: boolean): void {
  for (const settled of sent) {
    const error = { code: errorFor(errorCode).name, outcome, fatal }
    expect(settled()).toMatchObject({ state: 'rejected', error })
  }
}

/** How the sequences go on in the two batches after one that failed. */
function expectStamps(course: Course, outcome: string, step: string | undefined): void {
  const { answeredAt } = course
  // What may still be on its way is kept out by a newer epoch of its own producer id.
  const isFenced = outcome === 'unknown' && step === 'reset'
  expect(stampStep(course, answeredAt, -2)).toBe(isFenced ? 'bump' : (step ?? 'same'))
  expect(stampStep(course, -2, -1)).toBe(isFenced ? 'reset' : 'next')
}

function judge(course: Course, { code }: ErrorRow, { expected, isIdempotent, mayBeWritten }: Cell): void {
  const { world, sent, answeredAt } = course
  const [verdict = '', step] = expected.split(' ')
  const { batches } = world.wire
  switch (verdict) {
    case 'ok':
      expect(sent.map((outcome) => outcome())).toMatchObject([{ value: { offset: 7 } }, { value: { offset: 8 } }])
      break
    case 'duplicate':
      for (const outcome of sent) expect(outcome()).toMatchObject({ value: { offset: undefined } })
      break
    case 'again':
    case 'again?':
      expect(batches[answeredAt + 1]?.bytes).toEqual(batches[answeredAt]?.bytes)
      expectFailure(course, TOPIC_AUTHORIZATION_FAILED, verdict === 'again' ? 'never' : 'unknown', false)
      break
    case 'stamp':
      expect(stampStep(course, answeredAt, answeredAt + 1)).toBe(step)
      expect(batches[answeredAt + 1]?.batch.records).toEqual(batches[answeredAt]?.batch.records)
      expectFailure(course, TOPIC_AUTHORIZATION_FAILED, 'never', false)
      break
    case 'split':
      expect(batches.slice(answeredAt + 1, -2).map(({ batch }) => batch.records.length)).toEqual([1, 1])
      expectFailure(course, TOPIC_AUTHORIZATION_FAILED, mayBeWritten ? 'unknown' : 'never', false)
      break
    default:
      expectFailure(course, code, verdict, step === 'fatal')
      if (step === 'fatal') expect(batches).toHaveLength(answeredAt + 1)
      else if (isIdempotent) expectStamps(course, verdict, step)
  }
}

describe.each([
  ['acks 1', { acks: 1 }, false],
  ['acks all, not idempotent', { enableIdempotence: false }, false],
  ['acks all, idempotent', {}, true],
] as const)('fault 29: with %s', (_name, mode, isIdempotent) => {
  test.each(readErrorTable())('a batch answered with $code $variant goes the way of the table', async (row) => {
    for (const cell of row.cells) {
      if (cell.isIdempotent !== isIdempotent) continue
      judge(await take(row, cell, mode), row, cell)
    }
  })
})
