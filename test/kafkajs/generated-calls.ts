import { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'

/** One call of `send` or `sendBatch`, right or wrong, as a program in JavaScript makes it. */
export interface GeneratedCall {
  readonly method: 'send' | 'sendBatch'
  readonly argument: unknown
}

/** The topics that calls are for. Messages without acknowledgements have one of their own: they may come later. */
export interface CallTopics {
  readonly acknowledged: readonly [string, ...string[]]
  readonly unacknowledged: string
}

const PARTITIONS = 3

const WRONG_MESSAGES: readonly [unknown, ...unknown[]] = [
  undefined,
  null,
  'text',
  5,
  [{}],
  [{ key: 'k' }],
  [{ value: 5 }],
]
const WRONG_VALUES: readonly [unknown, ...unknown[]] = [5, {}, true, [1, 2]]
const WRONG_TOPICS: readonly [unknown, ...unknown[]] = ['', undefined, null, 'not a topic', '..']
const WRONG_ACKS: readonly [unknown, ...unknown[]] = [2, 7, -2]

/** The same calls for the same seed, so that two clients can be given the same. */
export function generatedCalls(seed: number, count: number, topics: CallTopics): GeneratedCall[] {
  const random = new SeededRandom(seed)
  return Array.from({ length: count }, (_, index) => new CallGenerator(random, topics, index).call())
}

class CallGenerator {
  readonly #random: SeededRandom
  readonly #topics: CallTopics
  readonly #index: number
  #messageCount = 0

  constructor(random: SeededRandom, topics: CallTopics, index: number) {
    this.#random = random
    this.#topics = topics
    this.#index = index
  }

  call(): GeneratedCall {
    switch (this.#random.below(10)) {
      case 0:
        return this.#wrongCall()
      case 1:
        return { method: 'send', argument: { topic: this.#topics.unacknowledged, acks: 0, messages: this.#messages() } }
      case 2:
      case 3:
        return { method: 'sendBatch', argument: { ...this.#options(), topicMessages: this.#topicMessages() } }
      default:
        return { method: 'send', argument: { ...this.#options(), topic: this.#topic(), messages: this.#messages() } }
    }
  }

  #wrongCall(): GeneratedCall {
    const right = { topic: this.#topic(), messages: this.#messages() }
    switch (this.#random.below(6)) {
      case 0:
        return { method: 'send', argument: { ...right, topic: this.#one(WRONG_TOPICS) } }
      case 1:
        return { method: 'send', argument: { ...right, messages: this.#one(WRONG_MESSAGES) } }
      case 2:
        return { method: 'send', argument: { ...right, acks: this.#one(WRONG_ACKS) } }
      case 3:
        return { method: 'send', argument: { ...right, messages: [{ key: 'k', value: this.#one(WRONG_VALUES) }] } }
      case 4:
        return { method: 'send', argument: { ...right, messages: [{ key: this.#one(WRONG_VALUES), value: 'v' }] } }
      default:
        return {
          method: 'sendBatch',
          argument: this.#one<unknown>([undefined, {}, { topicMessages: [{}] }, { topicMessages: [] }]),
        }
    }
  }

  #options(): object {
    return this.#one<object>([{}, {}, { acks: 1 }, { acks: -1 }, { compression: 1 }, { timeout: 1000 }])
  }

  #topicMessages(): object[] {
    return Array.from({ length: this.#random.below(4) }, () => ({ topic: this.#topic(), messages: this.#messages() }))
  }

  #messages(): object[] {
    return Array.from({ length: this.#random.below(5) }, () => this.#message())
  }

  #message(): object {
    const place: object = this.#one<object>([{ key: this.#key() }, { partition: this.#random.below(PARTITIONS) }])
    const timestamp = { timestamp: String(1_700_000_000_000 + this.#random.below(1_000_000)) }
    return { ...place, value: this.#value(), ...this.#headers(), ...this.#one<object>([{}, timestamp]) }
  }

  #key(): unknown {
    const text = `key-${this.#random.below(50)}`
    return this.#one<unknown>([text, Buffer.from(text), '', 'ключ'])
  }

  #value(): unknown {
    const text = `${this.#index}.${this.#messageCount++}`
    return this.#one<unknown>([text, Buffer.from(text), null, `${text} ${'x'.repeat(this.#random.below(2000))}`])
  }

  #headers(): object {
    return this.#one<object>([
      {},
      { headers: {} },
      { headers: { trace: `${this.#index}`, bytes: Buffer.from([0, 1, 255]) } },
      { headers: { list: ['1', Buffer.from('2'), '3'], empty: '' } },
    ])
  }

  #topic(): string {
    return this.#one(this.#topics.acknowledged)
  }

  #one<Value>(values: readonly [Value, ...Value[]]): Value {
    return this.#random.pick(values)
  }
}
