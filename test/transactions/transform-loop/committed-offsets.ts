import { errorFor, findCoordinator, offsetFetch } from '@linger/protocol'
import { BrokerConnection } from '../../../demo/broker-connection.ts'

/** The last version that names topics and asks for one group; it has requireStable. */
const OFFSET_FETCH_VERSION_MAX = 7
/** The last version that asks for one key. */
const FIND_COORDINATOR_VERSION_MAX = 3
const NO_OFFSET = -1

/**
 * Where a group goes on reading, by partition. An offset that a transaction may still change is not answered: it is an
 * error, and to be asked for again.
 *
 * @source KIP-447
 */
export async function committedOffsets(
  bootstrapServer: string,
  groupId: string,
  topic: string,
  partitions: readonly number[],
): Promise<Map<number, number>> {
  const found = await withBroker(bootstrapServer, async (broker) =>
    broker.ask(findCoordinator, { key: groupId }, FIND_COORDINATOR_VERSION_MAX),
  )
  assertNone(found.errorCode)
  return withBroker(`${found.host}:${found.port}`, async (coordinator) => {
    const answer = await coordinator.ask(
      offsetFetch,
      { groupId, topics: [{ name: topic, partitionIndexes: [...partitions] }], requireStable: true },
      OFFSET_FETCH_VERSION_MAX,
    )
    assertNone(answer.errorCode)
    const offsets = new Map<number, number>()
    for (const { partitionIndex, committedOffset, errorCode } of answer.topics.flatMap((one) => one.partitions)) {
      assertNone(errorCode)
      const offset = Number(committedOffset)
      offsets.set(partitionIndex, offset === NO_OFFSET ? 0 : offset)
    }
    return offsets
  })
}

async function withBroker<T>(address: string, use: (broker: BrokerConnection) => Promise<T>): Promise<T> {
  const broker = await BrokerConnection.open(address)
  try {
    return await use(broker)
  } finally {
    broker.close()
  }
}

function assertNone(errorCode: number): void {
  if (errorCode !== 0) throw new Error(errorFor(errorCode).name)
}
