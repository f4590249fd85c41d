import { produce, type ProduceResponse } from '@linger/protocol'
import { recordBatch } from './record-batch.ts'
import { responseIn, type TestClient } from './test-client.ts'

export const TIMEOUT_MS = 1000

export interface Sent {
  readonly acks?: number
  readonly partition?: number
  readonly version?: number
  readonly records?: Uint8Array
  readonly topic?: string
}

type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number]

/** A Produce request on its way: undefined as long as it is not answered. */
export function startProduce(client: TestClient, sent: Sent = {}): () => PartitionResponse | undefined {
  const { version = 12, partition = 0, records = recordBatch(), topic = 't', acks = -1 } = sent
  const topicId = client.cluster.topicNamed(topic)?.id ?? ''
  const reference = version >= 13 ? { topicId } : { name: topic }
  const topicData = [{ ...reference, partitionData: [{ index: partition, records }] }]
  const { answers } = client.start(produce, version, { acks, timeoutMs: TIMEOUT_MS, topicData })
  return () => {
    if (answers.length === 0) return undefined
    return responseIn(produce, version, answers[0]).responses[0]?.partitionResponses[0]
  }
}

/** The answer to a Produce request that is answered at once. */
export function produced(client: TestClient, sent: Sent = {}): PartitionResponse {
  const answer = startProduce(client, sent)()
  if (answer === undefined) throw new Error('not answered yet')
  return answer
}
