import { errorFor } from '@linger/protocol'
import { expect, test } from 'vitest'
import { ErrorCode } from '../src/index.ts'

// Both tables were written down by hand, the other one is held against Kafka's classes.
test.each(Object.entries(ErrorCode))('%s is %i in both tables', (name, code) => {
  expect(errorFor(code).name).toBe(name)
})
