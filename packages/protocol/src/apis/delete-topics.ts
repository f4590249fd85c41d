import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * DeleteTopics (API key 20) deletes topics, by name or, from version 6 on, by id. (KIP-4)
 *
 * @source Kafka 4.3.1 common/message/DeleteTopics{Request,Response}.json
 */
export const deleteTopics = {
  name: 'DeleteTopics',
  apiKey: 20,
  versions: '1-6',
  flexible: '4+',
  request: {
    /** The name or topic ID of the topic. */
    topics: {
      versions: '6+',
      type: [
        {
          /** The topic name. */
          name: { type: 'string', nullable: '0+', default: null },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid' },
        },
      ],
    },
    /** The names of the topics to delete. */
    topicNames: { type: ['string'], versions: '0-5', ignorable: true },
    /** The length of time in milliseconds to wait for the deletions to complete. */
    timeoutMs: { type: 'int32' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', ignorable: true },
    /** The results for each topic we tried to delete. */
    responses: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string', nullable: '6+' },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid', versions: '6+', ignorable: true },
          /** The deletion error, or 0 if the deletion succeeded. */
          errorCode: { type: 'int16' },
          /** The error message, or null if there was no error (KIP-599). */
          errorMessage: { type: 'string', versions: '5+', nullable: '0+', default: null, ignorable: true },
        },
      ],
    },
  },
} as const

deleteTopics satisfies Api

export type DeleteTopicsRequest = RequestOf<typeof deleteTopics>
export type DeleteTopicsResponse = ResponseOf<typeof deleteTopics>
