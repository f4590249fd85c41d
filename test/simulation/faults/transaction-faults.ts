import type { Fault, TransactionVersion } from '@linger/broker'
import {
  codecFor,
  decodeRequest,
  decodeResponseFrame,
  encodeResponseFrame,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '@linger/protocol'
import { type FaultContext, type FaultKind, nothingToEnd } from './fault-kind.ts'
import { late, neverAnswered, onRequests } from './on-requests.ts'

/** What a coordinator is asked in a transaction, and how often. */
const APIS = ['EndTxn', 'EndTxn', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'InitProducerId'] as const
const COORDINATED = [...APIS, 'FindCoordinator'] as const

/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS, REQUEST_TIMED_OUT, ... */
const RETRIABLE = [14, 15, 16, 51, 7, 13] as const
/** GROUP_AUTHORIZATION_FAILED, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, TRANSACTION_ABORTABLE, ... */
const ABORTABLE = {
  AddPartitionsToTxn: [29, 55, 120, 59],
  AddOffsetsToTxn: [30, 120, 59],
  TxnOffsetCommit: [30, 22, 25, 82, 120],
  InitProducerId: [53, 31, 120],
  EndTxn: [120, 59],
  FindCoordinator: [30, 120],
} as const satisfies Record<(typeof COORDINATED)[number], readonly [number, ...number[]]>
/** INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, INVALID_TRANSACTION_TIMEOUT, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ... */
const FATAL = [49, 90, 47, 53, 50, -1, 999] as const

/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR: of one that is deposed while it works. */
const DEPOSED = [14, 15, 16] as const
const INVALID_TXN_STATE = 48
const LEADER_NOT_AVAILABLE = 5

type Api = (typeof COORDINATED)[number]

function onApi(
  apis: readonly [Api, ...Api[]],
  faultFor: (context: FaultContext, api: Api) => ReturnType<Parameters<typeof onRequests>[1]>,
  shares?: readonly [number, ...number[]],
) {
  return (context: FaultContext): (() => void) => {
    const api = context.random.pick(apis)
    return onRequests(api, () => faultFor(context, api), shares)(context)
  }
}

/** The connection ends with the request on it, which arrives all the same: perhaps after everything else. */
function arriveLate({ simulation, random, fired }: FaultContext): () => void {
  const share = random.pick([0.1, 0.3, 1])
  const api = random.pick(['EndTxn', 'EndTxn', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit'])
  return simulation.cluster.faults.intercept(({ apiName, ordinal }) => {
    if (apiName !== api || !random.isLucky(share)) return undefined
    const delayMs = random.pick([1, 20, 200, 1_500, 6_000])
    fired(`${apiName} ${ordinal} arrives ${delayMs} ms after its connection is gone`)
    return { kind: 'stray', delayMs, end: random.pick(['close', 'reset']) }
  })
}

/** Ends lose their answers, so that v1 needs another epoch, and there is none for now. */
function refuseEpoch({ simulation, random, fired }: FaultContext): () => void {
  return simulation.cluster.faults.intercept(({ apiName, apiVersion, frame, bodyOffset }) => {
    if (apiName === 'EndTxn' && random.isLucky(0.5)) return { kind: 'close', when: 'after' }
    if (apiName !== 'InitProducerId') return undefined
    const { producerId } = decodeRequest(codecFor<typeof initProducerId>(initProducerId, apiVersion), frame, bodyOffset)
    if (producerId < 0n || random.isLucky(0.3)) return undefined
    fired(`producer id ${producerId} gets no other epoch`)
    return { kind: 'error', errorCode: random.pick(ABORTABLE.InitProducerId) }
  })
}

/** INVALID_TXN_STATE, of a transaction whose end nobody has asked for before: else it might be done. */
function knowNoTransaction({ simulation, random, fired }: FaultContext): () => void {
  return simulation.cluster.faults.intercept(({ apiName, apiVersion, frame, bodyOffset }) => {
    if (apiName !== 'EndTxn' || random.isLucky(0.5)) return undefined
    const { producerId, producerEpoch } = decodeRequest(codecFor<typeof endTxn>(endTxn, apiVersion), frame, bodyOffset)
    if (simulation.transactions.endCountOf({ producerId, epoch: producerEpoch }) > 1) return undefined
    fired(`epoch ${producerEpoch} of producer id ${producerId} is in no transaction`)
    return { kind: 'error', errorCode: INVALID_TXN_STATE }
  })
}

/** An EndTxn is done, or not, and its answer is lost or says nothing; the next one is refused. */
function loseAndRefuse({ simulation, random, fired }: FaultContext): () => void {
  let isLost = false
  return simulation.cluster.faults.intercept(({ apiName, nodeId }) => {
    if (apiName !== 'EndTxn') return undefined
    isLost = !isLost
    fired(`EndTxn to broker ${nodeId} ${isLost ? 'is lost' : 'is refused'}`)
    if (isLost && random.isLucky(0.3)) return { kind: 'error', errorCode: random.pick(DEPOSED), when: 'after' }
    if (isLost) return { kind: 'close', when: random.pick(['before', 'after']) }
    return { kind: 'error', errorCode: random.pick(ABORTABLE.EndTxn) }
  })
}

/** Some offsets are left out of the answer, or all of them, and then nothing is done. */
function leaveOutOffsets({ simulation, random, fired }: FaultContext): () => void {
  return simulation.cluster.faults.intercept(({ apiName, apiVersion, correlationId, nodeId }) => {
    if (apiName !== 'TxnOffsetCommit' || random.isLucky(0.3)) return undefined
    const codec = codecFor<typeof txnOffsetCommit>(txnOffsetCommit, apiVersion)
    fired(`broker ${nodeId} leaves out offsets`)
    if (random.isLucky(0.5)) {
      return { kind: 'answer', frame: encodeResponseFrame(codec, correlationId, { throttleTimeMs: 0, topics: [] }) }
    }
    const alter = (frame: Uint8Array): Uint8Array => {
      const { response } = decodeResponseFrame(codec, frame.subarray(4))
      return encodeResponseFrame(codec, correlationId, { ...response, topics: response.topics.slice(1) })
    }
    return { kind: 'alter', alter }
  })
}

function doesNotTell({ random }: FaultContext): Fault {
  const ways: readonly [Fault, ...Fault[]] = [
    { kind: 'error', errorCode: random.pick([...RETRIABLE, ...FATAL]) },
    { kind: 'delay', delayMs: random.pick([5, 30, 2_000]) },
    { kind: 'hang' },
    { kind: 'close', when: 'after' },
    { kind: 'cut', afterBytes: random.below(40) },
  ]
  return random.pick(ways)
}

function anyKey({ simulation, random }: FaultContext): string | undefined {
  return random.isLucky(0.7) ? random.pick(simulation.transactionalIds) : random.pick(simulation.groupIds)
}

export const transactionFaults: readonly FaultKind[] = [
  {
    name: 'coordinator tries patience',
    weight: 0.5,
    durationsMs: [20, 4_000],
    start: onApi([...COORDINATED], ({ random }) => ({ kind: 'error', errorCode: random.pick(RETRIABLE) })),
  },
  {
    name: 'coordinator does it and denies it',
    weight: 0.4,
    durationsMs: [50, 3_000],
    start: onApi(APIS, ({ random }) => ({ kind: 'error', errorCode: random.pick(RETRIABLE), when: 'after' })),
  },
  {
    name: 'transaction refused',
    weight: 0.5,
    durationsMs: [50, 5_000],
    start: onApi(
      [...COORDINATED],
      ({ random }, api) => ({ kind: 'error', errorCode: random.pick(ABORTABLE[api]) }),
      [1_000, 3_000, 10_000],
    ),
  },
  {
    name: 'end refused',
    weight: 0.3,
    durationsMs: [50, 3_000],
    start: onApi(
      ['EndTxn'],
      ({ random }) => ({ kind: 'error', errorCode: random.pick(ABORTABLE.EndTxn) }),
      [3_000, 10_000],
    ),
  },
  {
    name: 'epoch refused',
    weight: 0.3,
    durationsMs: [100, 5_000],
    start: refuseEpoch,
  },
  {
    name: 'transaction not known',
    weight: 0.2,
    durationsMs: [50, 3_000],
    start: knowNoTransaction,
  },
  {
    name: 'end lost and refused',
    weight: 0.3,
    durationsMs: [50, 3_000],
    start: loseAndRefuse,
  },
  {
    name: 'transactional producer ended',
    weight: 0.05,
    durationsMs: [50, 1_000],
    start: onApi(APIS, ({ random }) => ({ kind: 'error', errorCode: random.pick(FATAL) }), [500, 2_000]),
  },
  {
    name: 'coordinator answer lost',
    weight: 0.6,
    durationsMs: [50, 4_000],
    start: onApi(
      APIS,
      ({ random }) => ({ kind: random.pick(['close', 'reset']), when: 'after' }),
      [1_000, 3_000, 10_000],
    ),
  },
  {
    name: 'coordinator request lost',
    weight: 0.3,
    durationsMs: [50, 3_000],
    start: onApi(
      [...COORDINATED],
      ({ random }) => ({ kind: random.pick(['close', 'reset']), when: 'before' }),
      [1_000, 3_000],
    ),
  },
  {
    name: 'coordinator request late',
    weight: 0.5,
    durationsMs: [100, 5_000],
    start: arriveLate,
  },
  {
    name: 'coordinator answer cut',
    weight: 0.2,
    durationsMs: [50, 3_000],
    start: onApi(APIS, ({ random }) => ({ kind: 'cut', afterBytes: random.below(40) }), [1_000, 3_000]),
  },
  {
    name: 'coordinator slow',
    weight: 0.4,
    durationsMs: [100, 5_000],
    start: onApi([...COORDINATED], late([10, 200, 2_000, 10_000])),
  },
  {
    name: 'coordinator silent',
    weight: 0.3,
    durationsMs: [50, 2_000],
    start: onApi([...COORDINATED], neverAnswered, [500, 3_000]),
  },
  {
    name: 'transactions concurrent',
    weight: 0.3,
    durationsMs: [100, 5_000],
    start: onApi(['EndTxn', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'InitProducerId'], () => ({
      kind: 'error',
      errorCode: 51,
    })),
  },
  {
    name: 'offsets refused',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: onApi(
      ['TxnOffsetCommit'],
      ({ random }) => ({ kind: 'error', errorCode: random.pick(ABORTABLE.TxnOffsetCommit) }),
      [3_000, 10_000],
    ),
  },
  {
    name: 'offsets left out',
    weight: 0.5,
    durationsMs: [500, 8_000],
    start: leaveOutOffsets,
  },
  {
    name: 'coordinator does not tell',
    weight: 0.3,
    durationsMs: [100, 5_000],
    start: onRequests('DescribeTransactions', doesNotTell),
  },
  {
    name: 'produce late',
    weight: 0.3,
    durationsMs: [100, 5_000],
    start: onRequests(
      'Produce',
      ({ random }) => ({ kind: 'delay', delayMs: random.pick([20, 200, 1_500]), when: 'before' }),
      [3_000, 10_000],
    ),
  },
  {
    // Longer than an application waits for a commit, and than some records are kept for another try.
    name: 'produce held up',
    weight: 0.5,
    durationsMs: [500, 20_000],
    start: onRequests('Produce', () => ({ kind: 'error', errorCode: LEADER_NOT_AVAILABLE }), [10_000]),
  },
  {
    name: 'produce refused within a transaction',
    weight: 0.4,
    durationsMs: [50, 2_000],
    start: onRequests(
      'Produce',
      ({ random }) => ({ kind: 'error', errorCode: random.pick([47, 48, 51, 120, 59, 29]) }),
      [500, 2_000],
    ),
  },
  {
    name: 'coordinator moved',
    weight: 0.4,
    durationsMs: [1, 1],
    start: (context) => {
      const { simulation, random, fired } = context
      const key = anyKey(context)
      const { nodeId } = random.pick(simulation.brokers)
      if (key === undefined || !simulation.cluster.isAlive(nodeId)) return nothingToEnd
      fired(`${key} is coordinated by ${nodeId}`)
      simulation.cluster.moveCoordinator(key, nodeId)
      return nothingToEnd
    },
  },
  {
    name: 'coordinator loading',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: (context) => {
      const key = anyKey(context)
      if (key === undefined) return nothingToEnd
      context.fired(`${key} is being loaded`)
      return context.simulation.cluster.loadCoordinator(key)
    },
  },
  {
    name: 'coordinator killed',
    weight: 0.3,
    durationsMs: [50, 5_000],
    start: (context) => {
      const { simulation, random, fired } = context
      const nodeId = simulation.cluster.coordinatorFor(anyKey(context) ?? '')?.nodeId ?? 0
      const broker = simulation.brokers[nodeId - 1]
      if (broker?.process !== 'running') return nothingToEnd
      const noticedAfterMs = random.pick([0, 0, 100, 3_000])
      fired(`broker ${nodeId}, which coordinates, killed, noticed after ${noticedAfterMs} ms`)
      const { conditions } = simulation.pathTo(nodeId)
      conditions.connects = 'REFUSED'
      broker.kill({ noticedAfterMs })
      return () => {
        conditions.connects = 'ACCEPTED'
        broker.restart()
      }
    },
  },
  {
    name: 'transactions upgraded or downgraded',
    weight: 0.25,
    durationsMs: [1, 1],
    start: ({ simulation, random, fired }) => {
      const version = random.pick([0, 1, 2, 2] as const satisfies readonly TransactionVersion[])
      fired(`transaction.version ${version}`)
      simulation.cluster.features.setTransactionVersion(version)
      return nothingToEnd
    },
  },
  {
    name: 'producer stands still',
    weight: 0.3,
    durationsMs: [300, 30_000],
    start: ({ simulation, random, durationMs, fired }) => {
      const process = random.pick(simulation.processes)
      process.freeze(durationMs)
      fired(`producer ${process.index} stands still for ${durationMs} ms`)
      return nothingToEnd
    },
  },
  {
    name: 'producer killed',
    weight: 0.15,
    durationsMs: [1, 1],
    start: ({ simulation, random, fired }) => {
      const index = random.pick(simulation.mortals)
      if (index === undefined) return nothingToEnd
      fired(`producer ${index} killed`)
      simulation.kill(index)
      return nothingToEnd
    },
  },
]
