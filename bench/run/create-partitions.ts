import type { Api } from '@linger/protocol'

/**
 * CreatePartitions (API key 37) gives a topic more partitions. The producer never needs it, so @linger/protocol does not
 * have it; a schema is all that it takes to speak it.
 *
 * @source Kafka 4.3.1 common/message/CreatePartitions{Request,Response}.json
 */
export const createPartitions = {
  name: 'CreatePartitions',
  apiKey: 37,
  versions: '0-3',
  flexible: '2+',
  request: {
    topics: {
      type: [
        {
          name: { type: 'string' },
          /** The new partition count. */
          count: { type: 'int32' },
          assignments: { type: [{ brokerIds: { type: ['int32'] } }], nullable: '0+', default: null },
        },
      ],
    },
    timeoutMs: { type: 'int32' },
    validateOnly: { type: 'bool' },
  },
  response: {
    throttleTimeMs: { type: 'int32', ignorable: true },
    results: {
      type: [
        {
          name: { type: 'string' },
          errorCode: { type: 'int16' },
          errorMessage: { type: 'string', nullable: '0+', default: null, ignorable: true },
        },
      ],
    },
  },
} as const

createPartitions satisfies Api
