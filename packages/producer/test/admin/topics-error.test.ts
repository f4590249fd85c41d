import { createTopics, errorCodes } from '@linger/protocol'
import { expect, test } from 'vitest'
import { topicRefused } from '../../src/admin/topics-error.ts'
import { alterAnswer } from '../network/altered-answer.ts'
import { World } from '../world/world.ts'

test('only what a controller judges before it changes anything proves that nothing was changed', () => {
  const definite = errorCodes.filter(({ code }) => topicRefused('t', code).outcome === 'never')
  expect(definite.map(({ name }) => name)).toEqual([
    'UNKNOWN_TOPIC_OR_PARTITION',
    'INVALID_TOPIC_EXCEPTION',
    'TOPIC_AUTHORIZATION_FAILED',
    'CLUSTER_AUTHORIZATION_FAILED',
    'UNSUPPORTED_VERSION',
    'TOPIC_ALREADY_EXISTS',
    'INVALID_PARTITIONS',
    'INVALID_REPLICATION_FACTOR',
    'INVALID_REPLICA_ASSIGNMENT',
    'INVALID_CONFIG',
    'NOT_CONTROLLER',
    'INVALID_REQUEST',
    'POLICY_VIOLATION',
    'TOPIC_DELETION_DISABLED',
    'THROTTLING_QUOTA_EXCEEDED',
    'UNKNOWN_TOPIC_ID',
  ])
})

test('a code that nobody knows yet proves nothing', () => {
  expect(topicRefused('t', 9999)).toMatchObject({ code: 'UNKNOWN_ERROR_9999', outcome: 'unknown' })
})

test('a topic that was made although its broker says that something went wrong may be there', async () => {
  const UNKNOWN_SERVER_ERROR = -1
  const world = new World()
  world.onRequest(createTopics, (request) =>
    alterAnswer(request, createTopics, ({ topics }) => {
      for (const topic of topics) topic.errorCode = UNKNOWN_SERVER_ERROR
    }),
  )
  const error = await world.failureOf(world.producer().createTopics([{ topic: 'new', partitions: 1 }]))
  expect(error).toMatchObject({ code: 'UNKNOWN_SERVER_ERROR', outcome: 'unknown' })
  expect(world.cluster.topicNamed('new')).toBeDefined()
  expect(world.wire.of(createTopics), 'it is not asked for again').toHaveLength(1)
})
