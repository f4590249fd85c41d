import type { Mutant } from '../mutant.ts'

const CONNECTION = 'packages/producer/src/network/connection.ts'
const NODE = 'packages/producer/src/cluster/broker-node.ts'
const FRAMES = 'packages/protocol/src/frames/frame-reader.ts'

export const connectionMutants: readonly Mutant[] = [
  {
    name: 'answers are matched by their order alone',
    danger: 'after a skipped answer each request gets the answer of the next one',
    file: CONNECTION,
    code: 'if (request?.correlationId !== correlationId) {',
    instead: 'if (request === undefined) {',
  },
  {
    name: 'a request that timed out fails alone and its connection goes on',
    danger: 'the late answer meets another request, and late bytes meet the next batch (platformatic/kafka)',
    file: CONNECTION,
    code: 'this.close(timedOut(this.address, what))',
    instead:
      'const [late] = this.#inFlight.splice(0, 1)\n    if (late !== undefined) this.#fail(late, timedOut(this.address, what))',
  },
  {
    name: 'the time for an answer starts again with each byte',
    danger: 'a connection that drips is never given up',
    file: CONNECTION,
    code: 'if (this.isClosed) return\n    this.#touch(this.#deps.clock.now())',
    instead:
      'if (this.isClosed) return\n    for (const request of this.#inFlight) request.deadlineMs = this.#deps.clock.now() + this.#deps.options.requestTimeoutMs\n    this.#touch(this.#deps.clock.now())',
  },
  {
    name: 'a request without an answer is never late',
    danger: 'a connection that a router forgot is waited for until the records are over (fault 8)',
    file: CONNECTION,
    code: 'Math.min(this.#oldestRequest?.deadlineMs ?? this.#idleAtMs, ',
    instead: 'Math.min(this.#oldestRequest === undefined ? this.#idleAtMs : Infinity, ',
  },
  {
    name: 'a connection that never comes up is waited for for ever',
    danger: 'one lost packet stalls all partitions of a broker (fault 2)',
    file: CONNECTION,
    code: 'return this.#openedMs + this.#setup.timeoutMs',
    instead: 'return Infinity',
  },
  {
    name: 'one request more than allowed is in flight',
    danger: 'more than maxInFlightRequestsPerConnection: what was said to be in order is not',
    file: CONNECTION,
    code: 'this.#inFlight.length < maxInFlightRequestsPerConnection',
    instead: 'this.#inFlight.length <= maxInFlightRequestsPerConnection',
  },
  {
    name: 'a request is handed over while the socket still holds another',
    danger: 'the port allows one write at a time: the first is never known to be written',
    file: CONNECTION,
    code: 'this.isReady && this.#writing === undefined &&',
    instead: 'this.isReady &&',
  },
  {
    name: 'a connection that ends forgets what was in flight on it',
    danger: 'records that are never retried, and buffers that never come back',
    file: CONNECTION,
    code: 'for (const request of this.#inFlight.splice(0)) this.#fail(request, error)',
    instead: 'this.#inFlight.length = 0',
  },
  {
    name: 'an answer that makes no sense takes its request with it',
    danger: 'the batches of the request are never retried, and their buffers never come back',
    file: CONNECTION,
    code: 'this.#inFlight.unshift(request)\n',
    instead: '\n',
  },
  {
    name: 'only whole frames are cut from the stream',
    danger: 'what is cut anywhere is thrown away, and the next bytes are read as a size',
    file: FRAMES,
    code: 'if (at < bytes.length) this.#gather(bytes.subarray(at))',
    instead: 'if (at === 0) this.#gather(bytes)',
  },
  {
    name: 'a broker may ask for any pause',
    danger: 'a pause of 24 days is kept (fault 47)',
    file: NODE,
    code: 'Math.min(throttleTimeMs, THROTTLE_MS_MAX)',
    instead: 'Math.max(throttleTimeMs, 0 * THROTTLE_MS_MAX)',
  },
  {
    name: 'a broker that asks for a pause gets none',
    danger: 'a quota that is never kept: the broker mutes the connection instead (KIP-219)',
    file: NODE,
    code: '&& !this.isThrottled(nowMs)',
    instead: '',
  },
]
