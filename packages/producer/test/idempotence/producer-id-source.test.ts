import { describe, expect, test } from 'vitest'
import { KafkaError } from '../../src/index.ts'
import { ProducerIdSource } from '../../src/idempotence/producer-id-source.ts'
import { unchecked } from '../world/unchecked.ts'

const ALMOST_1 = 1 - Number.EPSILON

type OnAnswer = (error: Error | undefined, response: object | undefined) => void

/** What a broker may answer that asks for another attempt: COORDINATOR_LOAD_IN_PROGRESS, no answer, no Kafka. */
const FAILURES: readonly (readonly [name: string, Parameters<OnAnswer>])[] = [
  ['a refusal that passes', [undefined, { errorCode: 14, producerId: -1n, producerEpoch: -1 }]],
  [
    'a lost connection',
    [new KafkaError('NETWORK_EXCEPTION', 'lost', { outcome: 'unknown', retriable: true }), undefined],
  ],
  ['a peer that is not Kafka', [new KafkaError('NOT_KAFKA', 'HTTP', { outcome: 'never' }), undefined]],
  ['an error that is none of ours', [new Error('broken'), undefined]],
]
const ANSWER = [undefined, { errorCode: 0, producerId: 7n, producerEpoch: 3 }] as const

/** A source, the clock it looks at, and the one broker it asks. */
class Asked {
  readonly source: ProducerIdSource
  nowMs = 1000
  isWanted = true
  isConnected = true
  /** When it asked. */
  readonly atMs: number[] = []
  readonly fatal: KafkaError[] = []
  message: object = {}
  answer: OnAnswer = () => {}

  constructor(chance: number = 0.5) {
    const connection = {
      request: (_api: unknown, message: object, onAnswer: OnAnswer) => {
        this.atMs.push(this.nowMs)
        this.message = message
        this.answer = onAnswer
      },
    }
    this.source = new ProducerIdSource({
      cluster: unchecked({ anyConnection: () => (this.isConnected ? connection : undefined) }),
      isWanted: () => this.isWanted,
      clock: unchecked({ now: () => this.nowMs }),
      random: { next: () => chance },
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1000,
      onFatal: (error) => this.fatal.push(error),
    })
  }

  /** Runs it at each whole millisecond, as often as it likes, until it asks. */
  untilAsked(): void {
    const { length } = this.atMs
    for (let left = 5000; left > 0 && this.atMs.length === length; left--) {
      this.source.run(this.nowMs)
      if (this.atMs.length === length) this.nowMs += 1
    }
  }
}

describe('the question for a producer id', () => {
  describe.each(FAILURES)('after %s', (_name, failure) => {
    test.each([
      [0.5, [100, 200, 400, 800, 1000, 1000]],
      [0, [80, 160, 320, 640, 800, 800]],
      [ALMOST_1, [120, 240, 480, 960, 1000, 1000]],
    ])('waits twice as long each time, up to retryBackoffMaxMs (chance %d)', (chance, expected) => {
      const asked = new Asked(chance)
      asked.untilAsked()
      const waits = expected.map(() => {
        asked.nowMs += 5 // as long as an answer takes
        asked.answer(...failure)
        const answeredMs = asked.nowMs
        expect(asked.source.deadlineMs, 'when it wants to be run').toBeCloseTo(
          answeredMs + (expected[asked.atMs.length - 1] ?? 0),
          6,
        )
        asked.untilAsked()
        return asked.nowMs - answeredMs
      })
      expect(waits).toEqual(expected)
      expect(asked.fatal).toEqual([])
    })

    test('begins with the shortest wait again for the next id', () => {
      const asked = new Asked()
      for (let attempts = 0; attempts < 4; attempts++) {
        asked.untilAsked()
        asked.answer(...failure)
      }
      asked.untilAsked()
      asked.answer(...ANSWER)
      asked.source.retire({ producerId: 7n, producerEpoch: 3 }, 'reset')
      const retiredMs = asked.nowMs
      asked.untilAsked()
      expect(asked.nowMs, 'a new id is asked for at once').toBe(retiredMs)
      asked.answer(...failure)
      asked.untilAsked()
      expect(asked.nowMs - retiredMs).toBe(100)
    })
  })

  test('is asked once at a time, and no more when there is an id', () => {
    const asked = new Asked()
    asked.source.run(1000)
    expect(asked.source.deadlineMs, 'it waits for an answer').toBe(Infinity)
    asked.source.run(2000)
    asked.answer(...ANSWER)
    expect(asked.source.identity).toEqual({ producerId: 7n, epoch: 3 })
    expect(asked.source.deadlineMs).toBe(Infinity)
    asked.source.run(3000)
    expect(asked.atMs).toHaveLength(1)
    expect(asked.message).toEqual({ transactionalId: null, transactionTimeoutMs: 2_147_483_647 })
    expect(asked.source.isTransactional).toBe(false)
  })

  test('is asked when something is to be sent, and somebody can be asked', () => {
    const asked = new Asked()
    asked.isWanted = false
    asked.source.run(1000)
    asked.isWanted = true
    asked.isConnected = false
    asked.source.run(1000)
    expect(asked.atMs).toEqual([])
    asked.isConnected = true
    asked.source.run(1000)
    expect(asked.atMs).toEqual([1000])
  })

  test.each([
    [
      'a refusal for good',
      [undefined, { errorCode: 31, producerId: -1n, producerEpoch: -1 }],
      'CLUSTER_AUTHORIZATION_FAILED',
      'no producer id: InitProducerId was refused: ',
    ],
    [
      'an error for good',
      [new KafkaError('UNSUPPORTED_VERSION', 'too old', { outcome: 'never' }), undefined],
      'UNSUPPORTED_VERSION',
      'no producer id: too old. An idempotent producer cannot send without one',
    ],
  ] as const)('after %s is never asked again, and the producer ends', (_name, [error, response], code, message) => {
    const asked = new Asked()
    asked.untilAsked()
    asked.answer(error, response)
    expect(asked.fatal).toMatchObject([
      { code, outcome: 'never', fatal: true, cause: { code, outcome: 'never', retriable: false } },
    ])
    expect(asked.fatal[0]?.message).toContain(message)
    expect(asked.source.deadlineMs).toBe(Infinity)
    asked.source.run(1e9)
    expect(asked.atMs).toHaveLength(1)
    expect(asked.source.identity).toBe(undefined)
  })
})

describe('an id that is retired', () => {
  const ready = (): Asked => {
    const asked = new Asked()
    asked.untilAsked()
    asked.answer(...ANSWER)
    return asked
  }

  test.each([
    ['a bump: the next epoch', 7n, 3, 'bump', { producerId: 7n, epoch: 4 }],
    ['a bump of an epoch that is over already: nothing', 7n, 2, 'bump', { producerId: 7n, epoch: 3 }],
    ['a bump of another id: nothing', 6n, 3, 'bump', { producerId: 7n, epoch: 3 }],
    ['a reset: none', 7n, 3, 'reset', undefined],
    ['a reset in whatever epoch: none', 7n, 2, 'reset', undefined],
    ['a reset of another id: nothing', 6n, 3, 'reset', { producerId: 7n, epoch: 3 }],
  ] as const)('by %s', (_name, producerId, producerEpoch, step, identity) => {
    const { source } = ready()
    source.retire({ producerId, producerEpoch }, step)
    expect(source.identity).toEqual(identity)
  })

  test('while another is asked for changes nothing', () => {
    const asked = ready()
    asked.source.retire({ producerId: 7n, producerEpoch: 3 }, 'reset')
    asked.untilAsked()
    asked.source.retire({ producerId: 7n, producerEpoch: 3 }, 'reset')
    asked.source.run(1e9)
    expect(asked.atMs).toHaveLength(2)
  })
})
