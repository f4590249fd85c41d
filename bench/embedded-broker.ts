import { startBroker } from '@linger/broker'
import { parseEmbeddedOptions } from './run/embedded-options.ts'

// A program of its own: prints where it listens, and ends when its parent does (stdin closes) or kills it.
const { ackDelayMs, ...options } = parseEmbeddedOptions(process.argv[2] ?? '')
const { bootstrapServers, broker } = await startBroker(options)
if (ackDelayMs > 0) {
  broker.cluster.faults.intercept(({ apiName }) =>
    apiName === 'Produce' ? { kind: 'delay', delayMs: ackDelayMs } : undefined,
  )
}
process.stdout.write(`${bootstrapServers}\n`)
process.stdin.resume()
process.stdin.on('end', () => process.exit())
