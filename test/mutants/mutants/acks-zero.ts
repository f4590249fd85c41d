import type { Mutant } from '../mutant.ts'

const CONNECTION = 'packages/producer/src/network/connection.ts'
const EXCHANGE = 'packages/producer/src/request/produce-exchange.ts'
const JUDGE = 'packages/producer/src/ack/batch-judge.ts'

export const acksZeroMutants: readonly Mutant[] = [
  {
    name: 'without acks a lost batch is sent again',
    danger: 'no answer ever tells if it is there: it may be written twice',
    file: JUDGE,
    code: 'this.#deps.options.acks !== 0 && this.#mayRetry(batch)',
    instead: 'this.#mayRetry(batch)',
  },
  {
    name: 'without acks an answer is waited for that never comes',
    danger: 'every send fails, or never settles (kafkajs #180)',
    file: EXCHANGE,
    code: 'this.expectsResponse = acks !== 0',
    instead: 'this.expectsResponse = acks !== 2',
  },
  {
    name: 'without acks a request is over as soon as the socket has it',
    danger: 'its buffers are used again while the socket still reads them (CVE-2026-35554)',
    file: CONNECTION,
    code: 'this.#socket.write(buffers)\n',
    instead: 'this.#socket.write(buffers)\n    if (!exchange.expectsResponse) this.#onWritten()\n',
  },
  {
    name: 'without acks records are told offset 0',
    danger: 'an offset that is not true: nobody knows it',
    file: JUDGE,
    code: 'this.#acknowledge(batch, undefined, -1, undefined)',
    instead: 'this.#acknowledge(batch, 0, -1, undefined)',
  },
]
