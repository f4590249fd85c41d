import { startMavenKafka } from './maven-kafka.ts'

// The run that outlived.test.ts kills: it starts Kafka, says where it is, and ends as its argument says.
const { bootstrapServers, brokers } = await startMavenKafka({ heapMb: 256 })
process.stdout.write(`${bootstrapServers} ${brokers[0]?.pid}\n`)

const [, , end] = process.argv
if (end === 'throw') throw new Error('as the test wants it')
if (end === 'wait') process.stdin.resume() // until a signal comes
