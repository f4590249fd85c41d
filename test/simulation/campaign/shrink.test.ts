import { describe, expect, test } from 'vitest'
import { drawPlan } from '../plan/draw-plan.ts'
import { ddmin, shrink } from './shrink.ts'

const numbers = Array.from({ length: 40 }, (_, index) => index)

describe('what is left of a list that fails', () => {
  test.each<[string, number[]]>([
    ['one', [17]],
    ['two that stand far apart', [0, 39]],
    ['several', [3, 4, 20, 31, 38]],
  ])('is what it takes: %s', async (_, needed) => {
    const fails = async (part: readonly number[]): Promise<boolean> => needed.every((number) => part.includes(number))
    expect(await ddmin(numbers, fails)).toEqual(needed)
  })

  test('is nothing when nothing is needed, and everything when all is', async () => {
    expect(await ddmin(numbers, async () => true)).toEqual([])
    expect(await ddmin(numbers, async (part) => part.length === numbers.length)).toEqual(numbers)
  })
})

describe('a plan that fails', () => {
  test('keeps the fault and the call that its failure needs, and nothing else', async () => {
    const plan = drawPlan(1)
    const [fault] = plan.faults.slice(3)
    const [step] = plan.producers[0]?.steps.slice(5) ?? []
    if (fault === undefined || step === undefined) throw new Error('seed 1 draws too little')
    const shrunk = await shrink(
      plan,
      async ({ faults, producers }) => faults.includes(fault) && producers[0]?.steps.includes(step) === true,
    )
    expect(shrunk.faults).toEqual([fault])
    expect(shrunk.producers.flatMap(({ steps }) => steps)).toEqual([step])
    expect(shrunk.producers.map(({ config }) => config)).toEqual(plan.producers.map(({ config }) => config))
  })
})

describe('a plan', () => {
  test('is the same from the same seed, survives being written as JSON, and differs from seed to seed', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(drawPlan(seed)).toEqual(drawPlan(seed))
      expect(JSON.parse(JSON.stringify(drawPlan(seed)))).toEqual(drawPlan(seed))
      expect(drawPlan(seed + 1)).not.toEqual(drawPlan(seed))
    }
  })
})
