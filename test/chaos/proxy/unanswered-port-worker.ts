import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { isUnansweredPortData, LISTENING } from './unanswered-port.ts'

// The thread of unanswered-port.ts: it listens, and sleeps while it should accept.
const data: unknown = workerData
if (!isUnansweredPortData(data)) throw new Error('started without a port')
const { port, host, state } = data
createServer().listen({ port, host, backlog: 1 }, () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage('listening')
  setImmediate(() => {
    Atomics.wait(state, 0, LISTENING)
    process.exit()
  })
})
