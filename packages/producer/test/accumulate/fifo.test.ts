import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import { Fifo } from '../../src/accumulate/fifo.ts'

const count = fc.integer({ min: 1, max: 3_000 })
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('push' as const, 'shift' as const), count }),
  fc.record({ kind: fc.constant('unshift' as const), count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('take all' as const), count: fc.constant(0) }),
)

property.prop([fc.array(step, { maxLength: 20 })])('a queue is what an array would be, however long', (steps) => {
  const queue = new Fifo<number>()
  let model: number[] = []
  let next = 0
  for (const one of steps) {
    if (one.kind === 'take all') {
      expect(queue.takeAll()).toEqual(model)
      model = []
    } else if (one.kind === 'unshift') {
      const items = Array.from({ length: one.count }, () => next++)
      queue.unshift(items)
      model = [...items, ...model]
    } else {
      for (let left = one.count; left > 0; left--) {
        if (one.kind === 'push') {
          queue.push(next)
          model.push(next++)
        } else if (queue.shift() !== model.shift()) throw new Error('not the first one')
      }
    }
    expect([queue.length, queue.peek()]).toEqual([model.length, model[0]])
  }
})
