import { once } from 'node:events'
import { connect } from 'node:net'
import {
  codecFor,
  encodeRequestFrame,
  metadata,
  produce,
  NO_HEADERS,
  NOT_IDEMPOTENT,
  RecordBatchWriter,
} from '@linger/protocol'
import { BrokerConnection } from '../../../demo/broker-connection.ts'
import type { Workload } from '../../workload.ts'
import { type Driver, runDriver } from '../driver.ts'
import { groupsDriver } from './groups-driver.ts'

const ACKS_ALL = -1
const REQUEST_TIMEOUT_MS = 30_000

await runDriver((workload) => (workload.mode === 'groups' ? groupsDriver(workload) : replayDriver(workload)))

/**
 * The floor under any client's latency: one Produce request, made once, written again and again to a socket, each
 * after the answer to the one before. No producer could do less, and this one does nothing else.
 */
async function replayDriver({ bootstrapServers, topic, valueBytes }: Workload): Promise<Driver> {
  const bootstrap = await BrokerConnection.open(bootstrapServers.split(',')[0] ?? '')
  const version = bootstrap.versionOf(produce)
  const { brokers, topics } = await bootstrap.ask(metadata, { topics: [{ name: topic }] })
  bootstrap.close()
  const leaderId = topics[0]?.partitions.find(({ partitionIndex }) => partitionIndex === 0)?.leaderId
  const leader = brokers.find(({ nodeId }) => nodeId === leaderId)
  if (leader === undefined) throw new Error(`${topic}-0 has no leader`)

  const batch = new RecordBatchWriter(Buffer.alloc(valueBytes + 1_024))
  batch.tryAppend(Date.now(), null, Buffer.alloc(valueBytes, 'x'), NO_HEADERS)
  const request = encodeRequestFrame(codecFor(produce, version), 1, 'bench', {
    acks: ACKS_ALL,
    timeoutMs: REQUEST_TIMEOUT_MS,
    topicData: [
      {
        name: topic,
        ...(version >= 13 ? { topicId: topics[0]?.topicId ?? '' } : {}),
        partitionData: [{ index: 0, records: Buffer.concat(batch.seal(NOT_IDEMPOTENT)) }],
      },
    ],
  })

  const socket = connect({ host: leader.host, port: leader.port }).setNoDelay(true)
  await once(socket, 'connect')
  let answered: (() => void) | undefined
  socket.on('data', (response) => {
    // The log is counted afterwards, so an answer needs no decoding; but it must be one whole answer.
    if (response.length !== 4 + response.readInt32BE(0)) socket.destroy(new Error('an answer came in pieces'))
    answered?.()
  })

  return {
    settings: { acks: ACKS_ALL, idempotent: false, produceVersion: version, requestBytes: request.length },
    send: () =>
      new Promise<void>((resolve) => {
        answered = resolve
        socket.write(request)
      }),
    flush: async () => {},
    close: async () => {
      socket.destroy()
    },
  }
}
