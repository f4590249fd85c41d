import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const MESSAGE_TOO_LARGE = 10

describe('a record that is too large', () => {
  test('for the broker is told with its size, and how to raise the limit', async () => {
    const world = new World()
    world.onRequest(produce, (request) => refuseProduce(request, MESSAGE_TOO_LARGE))
    const error = await world.failureOf(world.producer().send({ topic: 't', value: 'x'.repeat(1000) }))
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', outcome: 'never' })
    const [sent] = world.wire.batches
    expect(error.message).toContain(`It was sent ${sent?.bytes.length} bytes with 1 record`)
    expect(error.message).toContain('--topic t --add-config max.message.bytes=')
    expect(error.message).not.toContain('uncompressed')
  })

  test('for the broker also when it was compressed is told with both sizes', async () => {
    const world = new World()
    world.onRequest(produce, (request) => refuseProduce(request, MESSAGE_TOO_LARGE))
    const producer = world.producer({ compressionType: 'gzip' })
    const error = await world.failureOf(producer.send({ topic: 't', value: 'x'.repeat(1000) }))
    expect(error.message).toMatch(/It was sent \d{2,3} bytes \(1\d{3} uncompressed\) with 1 record/u)
  })

  test('for maxRequestSize is told with both, and never sent', async () => {
    const world = new World()
    const error = await world.failureOf(
      world.producer({ maxRequestSize: 2000 }).send({ topic: 't', value: 'x'.repeat(3000) }),
    )
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', outcome: 'never' })
    expect(error.message).toMatch(/a record of 3\d{3} bytes as a batch is over maxRequestSize \(2000\)/u)
    expect(world.wire.batches).toEqual([])
  })
})
