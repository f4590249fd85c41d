import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { ProducerConfig } from '../../src/index.ts'
import { World } from '../world/world.ts'

const HOUR_MS = 60 * 60 * 1000

/** Sends a record of this age whose first answer is lost, while `meanwhile` happens. */
async function retried(
  ageMs: number,
  { config = {}, meanwhile = () => {} }: { config?: Partial<ProducerConfig>; meanwhile?: (world: World) => void } = {},
) {
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, warn: (text: string) => warnings.push(text), error() {} }
  const world = new World()
  const producer = world.producer({ logger, ...config })
  world.onRequest(produce, (_request, ordinal) => {
    if (ordinal > 2) return undefined
    return { kind: 'close-after' }
  })
  const timestamp = world.timeline.wallTimeMs - ageMs
  const sent = producer.send({ topic: 't', value: 'v', timestamp })
  await world.untilTrue(() => world.valuesIn('t').length === 1)
  meanwhile(world)
  const metadata = await world.until(sent)
  return { metadata, values: world.valuesIn('t'), warnings }
}

/** As when the broker that leads now was started anew. */
const forget = (world: World): void => world.cluster.partition('t', 0).log.forgetOldProducers(Infinity, dayAgoMs(world))

const dayAgoMs = (world: World): number => world.timeline.wallTimeMs - 24 * HOUR_MS

describe('a batch that is sent again', () => {
  test('is written twice by a broker that has forgotten who wrote it, and a warning tells why, once', async () => {
    const { metadata, values, warnings } = await retried(25 * HOUR_MS, { meanwhile: forget })
    expect(values).toEqual(['v', 'v'])
    expect(metadata.offset).toBe(1)
    expect(warnings).toEqual([expect.stringContaining('topic t is sent again whose records are more than a day old')])
  })

  test('is known again when its records are younger than a day', async () => {
    const { values, warnings } = await retried(23 * HOUR_MS, { meanwhile: forget })
    expect(values).toEqual(['v'])
    expect(warnings).toEqual([])
  })

  test('is nothing to warn of where no broker was to know it again', async () => {
    const { warnings } = await retried(25 * HOUR_MS, { config: { enableIdempotence: false } })
    expect(warnings.filter((text) => text.includes('sent again'))).toEqual([])
  })
})
