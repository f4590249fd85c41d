import { startBroker } from '@linger/broker'

// Started by embedded-broker.ts: prints where it listens, and ends when the demo does, however that ends.
const broker = await startBroker()
console.log(broker.bootstrapServers)
process.stdin.resume()
process.stdin.on('end', () => process.exit())
// Ctrl-C reaches every process of the terminal. The demo decides when the broker may go.
process.on('SIGINT', () => {})
