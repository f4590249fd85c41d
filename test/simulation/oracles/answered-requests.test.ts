import { codecFor, encodeRequestFrame, encodeResponseFrame, metadata, produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { AnsweredRequests } from './answered-requests.ts'

const metadataCodec = codecFor(metadata, 12)
const produceCodec = codecFor(produce, 10)
const connection = { id: 1, owner: 0 }

/** Asks in this order, and answers those: of which of them is the answer heard? */
function heardOf(acks: number, asked: readonly ('Produce' | 'Metadata')[], answered: readonly number[]): number[] {
  const heard: number[] = []
  const requests = new AnsweredRequests({
    nowMs: () => 0,
    onRequest: () => {},
    onAnswer: (_connection, { correlationId }) => heard.push(correlationId),
    onClosed: () => {},
  })
  const body = { transactionalId: null, acks, timeoutMs: 1_000, topicData: [] }
  for (const [id, api] of asked.entries()) {
    const frame =
      api === 'Produce'
        ? encodeRequestFrame(produceCodec, id, 'test', body)
        : encodeRequestFrame(metadataCodec, id, 'test', { topics: [] })
    requests.onWrite(connection, Buffer.from(frame))
  }
  for (const id of answered) {
    const frame =
      asked[id] === 'Produce'
        ? encodeResponseFrame(produceCodec, id, { responses: [] })
        : encodeResponseFrame(metadataCodec, id, { brokers: [], topics: [] })
    requests.onReceived(connection, Buffer.from(frame))
  }
  return heard
}

test('answers are heard in the order of what was asked', () => {
  expect(heardOf(-1, ['Produce', 'Metadata', 'Produce'], [0, 1, 2])).toEqual([0, 1, 2])
})

test('after an answer that is missing nothing is heard: the producer ends the connection', () => {
  expect(heardOf(-1, ['Produce', 'Metadata', 'Produce'], [1, 2])).toEqual([])
  expect(heardOf(-1, ['Produce', 'Produce', 'Metadata'], [0, 2])).toEqual([0])
})

test('what wants no answer is passed over', () => {
  expect(heardOf(0, ['Produce', 'Metadata', 'Produce', 'Metadata'], [1, 3])).toEqual([1, 3])
})
