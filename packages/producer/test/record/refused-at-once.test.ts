import { expect, test } from 'vitest'
import { World } from '../world/world.ts'

const TOO_LARGE = { topic: 't', value: Buffer.alloc(2_000) }

test.each(['flush', 'close'] as const)(
  '%s() is done only after a record that produce() could never send has been told',
  async (call) => {
    const world = new World()
    const producer = world.producer({ maxRequestSize: 1_024 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    const told: string[] = []
    producer.produce(TOO_LARGE, (error) => told.push(`${error?.code}`))
    await world.until<unknown>(producer[call]())
    expect(told).toEqual(['MESSAGE_TOO_LARGE'])
  },
)
