import { startBroker } from '@linger/broker'

// A program of its own: prints where it listens, and ends when its parent does (stdin closes) or kills it.
const broker = await startBroker({ sink: true })
process.stdout.write(`${broker.bootstrapServers}\n`)
process.stdin.resume()
process.stdin.on('end', () => process.exit())
