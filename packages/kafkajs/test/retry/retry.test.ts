import { expect, test, vi } from 'vitest'
import { KafkaJSError, KafkaJSNonRetriableError } from '../../src/index.ts'
import { retried, retrySchedule, totalRetryTimeMs } from '../../src/retry/retry.ts'
import { failureOf } from '../local-broker.ts'

const SOON = retrySchedule({ initialRetryTime: 1, retries: 2 })

test('what fails for a moment is tried again', async () => {
  const attempt = vi.fn(async (count: number) => {
    if (count < 2) throw new KafkaJSError('not yet')
    return 'done'
  })
  expect(await retried(SOON, attempt)).toBe('done')
  expect(attempt.mock.calls.map(([count]) => count)).toEqual([0, 1, 2])
})

test('after the last retry the failure is told with their number', async () => {
  const error = await failureOf(retried(SOON, () => Promise.reject(new KafkaJSError('never'))))
  expect(error).toMatchObject({ name: 'KafkaJSNumberOfRetriesExceeded', message: 'never', retryCount: 2 })
  expect(error.cause).toMatchObject({ name: 'KafkaJSError' })
})

test.each([new KafkaJSNonRetriableError('for good'), new TypeError('for good'), new Error("the user's own")])(
  '%s is not tried again, and comes as it is',
  async (thrown) => {
    const attempt = vi.fn(() => Promise.reject(thrown))
    expect(await failureOf(retried(SOON, attempt))).toBe(thrown)
    expect(attempt).toHaveBeenCalledOnce()
  },
)

test('all waits together take what the schedule says', () => {
  expect(totalRetryTimeMs(retrySchedule())).toBe(300 + 600 + 1200 + 2400 + 4800)
  expect(totalRetryTimeMs(retrySchedule({ retries: 0 }))).toBe(0)
  expect(totalRetryTimeMs(retrySchedule({ initialRetryTime: 10, maxRetryTime: 20, retries: 4 }))).toBe(
    10 + 20 + 20 + 20,
  )
  expect(totalRetryTimeMs(retrySchedule({ retries: Number.MAX_SAFE_INTEGER }))).toBeGreaterThan(2 ** 40)
})
