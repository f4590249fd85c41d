import {
  codecFor,
  decodeResponseFrame,
  encodeResponseFrame,
  produce,
  ProtocolError,
  type ResponseOf,
} from '@linger/protocol'
import type { FaultContext, FaultKind } from './fault-kind.ts'
import { late, neverAnswered, onRequests } from './on-requests.ts'

/** One topic-partition of some Produce requests is refused; the others are written. */
function refusePartition(context: FaultContext, errorCode: number): () => void {
  const { simulation, random, fired } = context
  const topic = random.pick(simulation.cluster.topics)
  if (topic === undefined) return () => {}
  const partition = random.below(topic.partitions.length)
  const faults = Array.from({ length: random.between(1, 5) }, () => ({ kind: 'error', errorCode }) as const)
  const pushed = simulation.cluster.faults.push({ api: 'Produce', topic: topic.name, partition }, ...faults)
  return () => {
    if (pushed.remaining < faults.length) fired(`${topic.name}-${partition} refused with ${errorCode}`)
    pushed.cancel()
  }
}

/** A batch is written, and denied; sent again it is too large: it must not be made into others, which would be written too. */
function denyThenRefuseAsTooLarge({ simulation, random, fired }: FaultContext): () => void {
  const topic = random.pick(simulation.cluster.topics)
  if (topic === undefined) return () => {}
  const partition = random.below(topic.partitions.length)
  const faults = [
    { kind: 'error', errorCode: random.pick([7, 20]), when: 'after' },
    { kind: 'error', errorCode: MESSAGE_TOO_LARGE },
  ] as const
  const pushed = simulation.cluster.faults.push({ api: 'Produce', topic: topic.name, partition }, ...faults)
  return () => {
    if (pushed.remaining < faults.length) fired(`${topic.name}-${partition} denied, then too large`)
    pushed.cancel()
  }
}

/** A broker finds what it gets too large, and then answers no more: what was made of it is in nobody's hands but ours. */
function refuseAsTooLargeThenHang({ simulation, random, fired }: FaultContext): () => void {
  const { nodeId } = random.pick(simulation.brokers)
  let hasRefused = false
  return simulation.cluster.faults.intercept((request) => {
    if (request.apiName !== 'Produce' || request.nodeId !== nodeId) return undefined
    fired(`Produce ${request.ordinal} to broker ${nodeId} ${hasRefused ? 'hangs' : 'too large'}`)
    if (hasRefused) return { kind: 'hang' }
    hasRefused = true
    return { kind: 'error', errorCode: MESSAGE_TOO_LARGE }
  })
}

/** What changes an answer to Produce. One that another fault has made senseless stays as it is. */
function alterProduced(
  apiVersion: number,
  change: (response: ResponseOf<typeof produce>) => void,
): (frame: Uint8Array) => Uint8Array {
  const codec = codecFor(produce, apiVersion)
  return (frame) => {
    try {
      const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(4))
      change(response)
      return encodeResponseFrame(codec, correlationId, response)
    } catch (error) {
      if (error instanceof ProtocolError) return frame
      throw error
    }
  }
}

/** Batches that were written are called duplicates, whose offset the broker does not know any more. */
function callDuplicates({ simulation, fired }: FaultContext): () => void {
  return simulation.cluster.faults.intercept(({ apiName, apiVersion }) => {
    if (apiName !== 'Produce') return undefined
    const alter = alterProduced(apiVersion, (response) => {
      for (const answer of response.responses.flatMap(({ partitionResponses }) => partitionResponses)) {
        if (answer.errorCode !== 0) continue
        Object.assign(answer, { errorCode: DUPLICATE_SEQUENCE_NUMBER, baseOffset: -1n })
        fired(`partition ${answer.index} called a duplicate`)
      }
    })
    return { kind: 'alter', alter }
  })
}

/** Some batches are left out of the answer; others are answered twice, and one is answered that nobody asked about. */
function answerOthers({ simulation, random, fired }: FaultContext): () => void {
  return simulation.cluster.faults.intercept(({ apiName, apiVersion }) => {
    if (apiName !== 'Produce') return undefined
    const alter = alterProduced(apiVersion, (response) => {
      for (const topic of response.responses) {
        const told = topic.partitionResponses.filter(() => random.isLucky(0.7))
        const stranger = told.slice(0, 1).map((answer) => ({ ...answer, index: 10_000 }))
        fired(`${topic.partitionResponses.length - told.length} partitions left out`)
        topic.partitionResponses = [...told, ...told.slice(0, 1), ...stranger]
      }
    })
    return { kind: 'alter', alter }
  })
}

const MESSAGE_TOO_LARGE = 10
const DUPLICATE_SEQUENCE_NUMBER = 46

/** What a broker may answer before it has appended anything. */
const REFUSALS = [2, 3, 5, 6, 7, 9, 10, 13, 18, 19, 29, 42, 45, 47, 56, 59, 74, 75, 87, 89, 100, -1, 999] as const
/** What it may answer although it has. */
const DOUBTS = [3, 6, 7, 8, 9, 13, 20, 56, -1, 999] as const

export const produceFaults: readonly FaultKind[] = [
  {
    name: 'produce refused',
    weight: 0.5,
    durationsMs: [50, 5_000],
    start: onRequests('Produce', ({ random }) => ({ kind: 'error', errorCode: random.pick(REFUSALS) })),
  },
  {
    name: 'sequence refused',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: onRequests('Produce', ({ random }) => ({ kind: 'error', errorCode: random.pick([45, 47, 59]) }), [2_000]),
  },
  {
    name: 'partition refused',
    weight: 0.5,
    durationsMs: [200, 10_000],
    start: (context) => refusePartition(context, context.random.pick(REFUSALS)),
  },
  {
    name: 'produce appended and denied',
    weight: 0.7,
    durationsMs: [50, 20_000],
    start: onRequests('Produce', ({ random }) => ({ kind: 'error', errorCode: random.pick(DOUBTS), when: 'after' })),
  },
  {
    name: 'written and denied, then too large',
    weight: 0.2,
    durationsMs: [200, 10_000],
    start: denyThenRefuseAsTooLarge,
  },
  {
    name: 'too large, then no answer',
    weight: 0.25,
    durationsMs: [5_000, 60_000],
    start: refuseAsTooLargeThenHang,
  },
  {
    name: 'too few replicas',
    weight: 0.3,
    durationsMs: [200, 20_000],
    // Before the append, or noticed only after it: NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND.
    start: onRequests('Produce', ({ random }) =>
      random.isLucky(0.3) ? { kind: 'error', errorCode: 19 } : { kind: 'error', errorCode: 20, when: 'after' },
    ),
  },
  {
    name: 'produce called a duplicate',
    weight: 0.15,
    durationsMs: [50, 5_000],
    start: callDuplicates,
  },
  {
    name: 'fatal error',
    weight: 0.04,
    durationsMs: [200, 2_000],
    start: onRequests('Produce', ({ random }) => ({ kind: 'error', errorCode: random.pick([31, 53, 90]) })),
  },
  {
    name: 'producer id denied',
    weight: 0.02,
    durationsMs: [1_000, 5_000],
    start: onRequests('InitProducerId', () => ({ kind: 'error', errorCode: 31 })),
  },
  {
    name: 'other partitions answered',
    weight: 0.2,
    durationsMs: [50, 3_000],
    start: answerOthers,
  },
  {
    name: 'answer lost with its connection',
    weight: 0.5,
    durationsMs: [50, 5_000],
    start: onRequests(
      'Produce',
      ({ random }) => ({ kind: random.pick(['close', 'reset']), when: 'after' }),
      [300, 2_000],
    ),
  },
  {
    name: 'request lost with its connection',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: onRequests(
      'Produce',
      ({ random }) => ({ kind: random.pick(['close', 'reset']), when: 'before' }),
      [300, 2_000],
    ),
  },
  {
    name: 'answer cut',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: onRequests('Produce', ({ random }) => ({ kind: 'cut', afterBytes: random.below(60) }), [300, 2_000]),
  },
  {
    name: 'answer too short',
    weight: 0.2,
    durationsMs: [50, 2_000],
    start: onRequests(
      'Produce',
      ({ random }) => {
        const share = random.next()
        return { kind: 'alter', alter: (frame) => shortened(frame, share) }
      },
      [300, 1_000],
    ),
  },
  {
    name: 'answer late',
    weight: 0.4,
    durationsMs: [100, 10_000],
    start: onRequests('Produce', late([10, 200, 2_000, 40_000])),
  },
  {
    name: 'answer never',
    weight: 0.3,
    durationsMs: [50, 3_000],
    start: onRequests('Produce', neverAnswered, [300, 2_000]),
  },
  {
    name: 'answer skipped',
    weight: 0.2,
    durationsMs: [50, 2_000],
    start: onRequests('Produce', () => ({ kind: 'drop', when: 'after' }), [1_000, 5_000]),
  },
  {
    name: 'throttled',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: onRequests('Produce', ({ random }) => ({
      kind: 'throttle',
      throttleTimeMs: random.pick([1, 100, 2_000, 60_000, 2_147_483_647, 2_147_483_647, 2_147_483_647]),
    })),
  },
  {
    name: 'not Kafka',
    weight: 0.1,
    durationsMs: [50, 1_000],
    start: onRequests('Produce', ({ random }) => ({ kind: 'answer', frame: nonsense(random.below(5)) }), [300, 1_000]),
  },
]

/** A whole frame whose body ends too early. */
function shortened(frame: Uint8Array, share: number): Uint8Array {
  const short = Buffer.from(frame.subarray(0, 9 + Math.floor((frame.length - 9) * share)))
  short.writeInt32BE(short.length - 4, 0)
  return short
}

/** Frames that no broker sends: of no size, too large, another protocol's, an answer to nothing. */
function nonsense(kind: number): Uint8Array {
  switch (kind) {
    case 0:
      return Buffer.from([0, 0, 0, 0])
    case 1:
      return Buffer.from([0x7f, 0xff, 0xff, 0xff, 0])
    case 2:
      return Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')
    case 3:
      return Buffer.from([0xff, 0xff, 0xff, 0xff])
    default:
      return Buffer.from([0, 0, 0, 8, 0x40, 0, 0, 1, 0, 0, 0, 0])
  }
}
