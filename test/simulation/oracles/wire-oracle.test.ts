import {
  codecFor,
  encodeRequestFrame,
  encodeResponseFrame,
  NO_HEADERS,
  produce,
  RecordBatchWriter,
} from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { NEWBORN } from '../aged-producers.ts'
import { WireOracle } from './wire-oracle.ts'

const VERSION = 9
const codec = codecFor(produce, VERSION)
const limits = { maxInFlight: 2, maxRequestSize: 400, batchSize: 400, maxProduceRequestBytes: 1_000_000 }
const NONE = 0
const NOT_ENOUGH_REPLICAS = 19
const NOT_LEADER_OR_FOLLOWER = 6

interface Stamp {
  readonly sequence: number
  readonly epoch?: number
  readonly producerId?: bigint
  readonly isTransactional?: boolean
}

/** What one producer says and hears, and what is found wrong with it. */
class Conversation {
  readonly violations: string[] = []
  readonly #oracle = new WireOracle(
    [limits],
    NEWBORN,
    (id) => id,
    (what) => this.violations.push(what),
  )
  readonly #connection = { id: 1, owner: 0 }
  #correlationId = 0

  /** Sends a batch of these values. Answers the number of the request. */
  send(
    values: readonly string[],
    stamp: Stamp,
    options: { partition?: number; acks?: number; spoil?: boolean } = {},
  ): number {
    const { partition = 0, acks = -1, spoil = false } = options
    const records = batchOf(values, stamp)
    if (spoil) records.writeUInt8(records.readUInt8(records.length - 1) ^ 1, records.length - 1)
    const topicData = [{ name: 't', partitionData: [{ index: partition, records }] }]
    const body = { transactionalId: null, acks, timeoutMs: 1000, topicData }
    const correlationId = ++this.#correlationId
    this.#oracle.onWrite(this.#connection, Buffer.from(encodeRequestFrame(codec, correlationId, 'test', body)))
    return correlationId
  }

  answer(correlationId: number, errorCode: number, partition: number = 0): void {
    const responses = [{ name: 't', partitionResponses: [{ index: partition, errorCode, baseOffset: 0n }] }]
    this.#oracle.onReceived(this.#connection, Buffer.from(encodeResponseFrame(codec, correlationId, { responses })))
  }

  makeAnew(): void {
    this.#oracle.onTopicMadeAnew('t')
  }

  /** The connection ends, with all that was on it. */
  lose(): void {
    this.#oracle.onClosed(this.#connection)
  }
}

function batchOf(
  values: readonly string[],
  { sequence, epoch = 0, producerId = 7n, isTransactional = false }: Stamp,
): Buffer {
  const writer = new RecordBatchWriter(Buffer.alloc(2_000))
  for (const value of values) writer.tryAppend(1_700_000_000_000, null, Buffer.from(value), NO_HEADERS)
  const isIdempotent = producerId >= 0n
  return Buffer.concat(
    writer.seal({
      producerId,
      producerEpoch: isIdempotent ? epoch : -1,
      baseSequence: isIdempotent ? sequence : -1,
      isTransactional,
    }),
  )
}

describe('the judge of the wire', () => {
  test('finds nothing in a conversation by the rules: retries, refusals, new epochs, two partitions', () => {
    const conversation = new Conversation()
    conversation.answer(conversation.send(['a', 'b'], { sequence: 0 }), NONE)
    conversation.answer(conversation.send(['c'], { sequence: 2 }), NOT_LEADER_OR_FOLLOWER)
    conversation.answer(conversation.send(['c'], { sequence: 2 }), NONE)
    conversation.answer(conversation.send(['d'], { sequence: 3 }), NOT_ENOUGH_REPLICAS)
    conversation.answer(conversation.send(['e', 'f'], { sequence: 3 }), NONE)
    const other = conversation.send(['x'], { sequence: 0 }, { partition: 1 })
    conversation.send(['g'], { sequence: 5 })
    conversation.answer(other, NONE, 1)
    conversation.lose()
    conversation.answer(conversation.send(['h'], { sequence: 0, epoch: 1 }), NONE)
    expect(conversation.violations).toEqual([])
  })

  test.each<[string, string, (conversation: Conversation) => void]>([
    [
      'a second batch of a partition in flight',
      'a second batch is in flight',
      (conversation) => {
        conversation.send(['a'], { sequence: 0, producerId: -1n })
        conversation.send(['b'], { sequence: 1, producerId: -1n })
      },
    ],
    [
      'too many requests in flight',
      '3 requests in flight, 2 are allowed',
      (conversation) => {
        for (const partition of [0, 1, 2]) conversation.send([`${partition}`], { sequence: 0 }, { partition })
      },
    ],
    [
      'a batch that is larger than maxRequestSize',
      'a batch of',
      (conversation) => void conversation.send(['x'.repeat(400)], { sequence: 0 }),
    ],
    [
      'a wrong checksum',
      'the checksum is wrong',
      (conversation) => void conversation.send(['a'], { sequence: 0 }, { spoil: true }),
    ],
    [
      'an epoch that does not begin at 0',
      'where sequence 0 comes next',
      (conversation) => void conversation.send(['a'], { sequence: 1 }),
    ],
    [
      'a gap in the sequences',
      'where sequence 2 comes next',
      (conversation) => {
        conversation.answer(conversation.send(['a', 'b'], { sequence: 0 }), NONE)
        conversation.send(['c'], { sequence: 3 })
      },
    ],
    [
      'sequences that go on behind a batch whose fate is unknown',
      'where sequence NaN comes next',
      (conversation) => {
        conversation.answer(conversation.send(['a'], { sequence: 0 }), NOT_LEADER_OR_FOLLOWER)
        conversation.send(['b'], { sequence: 1 })
      },
    ],
    [
      'sequences of a batch whose fate is unknown, given to others',
      'is used again for other bytes',
      (conversation) => {
        conversation.send(['a'], { sequence: 0 })
        conversation.lose()
        conversation.send(['b'], { sequence: 0 })
      },
    ],
    [
      'a retry with one record more',
      'is used again for other bytes',
      (conversation) => {
        conversation.answer(conversation.send(['a'], { sequence: 0 }), NOT_LEADER_OR_FOLLOWER)
        conversation.send(['a', 'b'], { sequence: 0 })
      },
    ],
    [
      'records whose fate is unknown under another epoch',
      'records that may have been written are sent under another stamp',
      (conversation) => {
        conversation.answer(conversation.send(['a'], { sequence: 0 }), NOT_LEADER_OR_FOLLOWER)
        conversation.send(['a'], { sequence: 0, epoch: 1 })
      },
    ],
    [
      'a batch that was acknowledged',
      'sent again after it was acknowledged',
      (conversation) => {
        conversation.answer(conversation.send(['a'], { sequence: 0 }), NONE)
        conversation.send(['a'], { sequence: 0 })
      },
    ],
    [
      'a batch that is sent again with acks 0',
      'sent again with acks 0',
      (conversation) => {
        conversation.send(['a'], { sequence: 0, producerId: -1n }, { acks: 0 })
        conversation.send(['a'], { sequence: 0, producerId: -1n }, { acks: 0 })
      },
    ],
  ])('finds %s', (_, violation, happen) => {
    const conversation = new Conversation()
    happen(conversation)
    expect(conversation.violations.join('\n')).toContain(violation)
  })

  test('counts what an answer says that is out of step for nothing', () => {
    const conversation = new Conversation()
    conversation.send(['a'], { sequence: 0 })
    const later = conversation.send(['x'], { sequence: 0 }, { partition: 1 })
    conversation.answer(later, NONE, 1)
    conversation.lose()
    conversation.send(['x'], { sequence: 0 }, { partition: 1 })
    expect(conversation.violations).toEqual([])
  })

  test.each<[string, Stamp, boolean]>([
    ['the same epoch', { sequence: 0 }, false],
    ['another epoch', { sequence: 0, epoch: 1 }, true],
    ['the same epoch of transactions', { sequence: 0, isTransactional: true }, true],
  ])('a topic that was made anew has its first sequence again in %s', (_name, again, isRight) => {
    const { isTransactional = false } = again
    const conversation = new Conversation()
    conversation.answer(conversation.send(['a'], { sequence: 0, isTransactional }), NONE)
    conversation.makeAnew()
    conversation.answer(conversation.send(['b'], again), NONE)
    expect(conversation.violations.length === 0).toBe(isRight)
  })
})
