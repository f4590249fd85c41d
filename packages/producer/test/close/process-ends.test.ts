import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startBroker, type RunningBroker } from '@linger/broker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

/** A process that hangs is ended then; these take some tenths of a second. */
const PATIENCE_MS = 60_000

let broker: RunningBroker

beforeAll(async () => {
  broker = await startBroker({ topics: [{ name: 't', partitions: 3 }], clientTelemetry: true })
})

afterAll(() => broker.close())

/** Runs a program in a process of its own, to the end that it comes to by itself, and answers what it printed. */
async function output(program: string, bootstrapServers: string = broker.bootstrapServers): Promise<string[]> {
  const prelude = `
    import { Producer } from '@linger/producer'
    const quiet = { debug() {}, info() {}, warn() {}, error() {} }
    const newProducer = (config) => new Producer({ bootstrapServers: '${bootstrapServers}', logger: quiet, ...config })
    // Beside the pipes that it prints to. Node ends a socket at the end of the event loop's turn.
    const resources = async () => {
      for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
      return process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY)/.test(name))
    }
    const print = (value) => console.log(JSON.stringify(value))
  `
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', prelude + program], {
    cwd: PACKAGE,
    timeout: PATIENCE_MS,
  })
  return stdout.trim().split('\n')
}

describe('fault 69: a process', () => {
  test('ends by itself after close(), with no handle left', async () => {
    const printed = await output(`
      const producer = newProducer()
      const sent = await Promise.all([0, 1, 2].map((partition) => producer.send({ topic: 't', partition, value: 'v' })))
      print(sent.length)
      await producer.close()
      print(await resources())
    `)
    expect(printed).toEqual(['3', '[]'])
  })

  test.each([
    ['in flight', "producer.produce({ topic: 't', value: 'v' })"],
    ['before anything', ''],
    ['while it connects', 'producer.connect().catch(() => {})'],
    [
      'with records of a topic that nobody knows',
      "producer.send({ topic: 'none-' + Date.now(), value: 'v' }).catch(() => {})",
    ],
  ])('ends by itself after close({ timeoutMs: 0 }) %s', async (_when, begin) => {
    const printed = await output(`
      const producer = newProducer({ allowAutoTopicCreation: false })
      ${begin}
      await producer.close({ timeoutMs: 0 })
      print(await resources())
    `)
    expect(printed).toEqual(['[]'])
  })

  test('ends by itself after close() of a producer whose broker is not there', async () => {
    const printed = await output(
      `
      const producer = newProducer({ maxBlockMs: 300 })
      print(await producer.send({ topic: 't', value: 'v' }).catch((error) => error.outcome))
      await producer.close()
      print(await resources())
    `,
      '127.0.0.1:1',
    )
    expect(printed).toEqual(['"never"', '[]'])
  })

  test('ends by itself after a connect() that failed, even without close()', async () => {
    const printed = await output(
      `
      const producer = newProducer()
      print(await producer.connect().catch((error) => error.code))
    `,
      '127.0.0.1:1',
    )
    expect(printed).toEqual(['"CONNECTION_FAILED"'])
  })

  test('ends by itself after a send() that no broker could take, even without close()', async () => {
    const printed = await output(
      `
      const producer = newProducer({ maxBlockMs: 200 })
      print(await producer.send({ topic: 't', value: 'v' }).catch((error) => error.outcome))
    `,
      '127.0.0.1:1',
    )
    expect(printed).toEqual(['"never"'])
  })

  test('that listens to statistics of a producer without a connection ends by itself, even without close()', async () => {
    const printed = await output(`
      newProducer({ statisticsIntervalMs: 3_600_000 }).on('statistics', () => {})
      print('done')
    `)
    expect(printed).toEqual(['"done"'])
  })

  test('whose producer pushes its metrics ends by itself after close(), with no handle left', async () => {
    const { clientMetrics } = broker.broker.cluster
    clientMetrics.subscribe('all', { metrics: ['*'], intervalMs: 60_000 })
    const printed = await output(`
      const producer = newProducer({ telemetry: { encode: () => Buffer.from('metrics') } })
      await producer.send({ topic: 't', value: 'v' })
      await producer.clientInstanceId()
      await producer.close()
      print(await resources())
    `)
    expect(printed).toEqual(['[]'])
    expect(clientMetrics.pushed).toMatchObject([{ terminating: true }])
  })

  test('with several producers, closed in another order than they were made, ends by itself', async () => {
    const printed = await output(`
      const producers = [newProducer(), newProducer({ acks: 0 }), newProducer({ acks: 1 })]
      await Promise.all(producers.map((producer) => producer.send({ topic: 't', value: 'v' })))
      await Promise.all(producers.toReversed().map((producer) => producer.close()))
      print(await resources())
    `)
    expect(printed).toEqual(['[]'])
  })
})

describe('fault 75: a producer', () => {
  test('in a worker thread sends as any other, and the thread ends after close()', async () => {
    const printed = await output(`
      const { Worker } = await import('node:worker_threads')
      const worker = new Worker(\`
        import { Producer } from '@linger/producer'
        import { parentPort } from 'node:worker_threads'
        const producer = new Producer({ bootstrapServers: '${broker.bootstrapServers}', logger: console })
        const { partition } = await producer.send({ topic: 't', partition: 2, value: 'v' })
        await producer.close()
        parentPort.postMessage(partition)
      \`, { eval: true, type: 'module' })
      worker.on('message', print)
      worker.on('error', (error) => print(error.message))
      worker.on('exit', print)
    `)
    expect(printed).toEqual(['2', '0'])
  })

  test('that closes on SIGTERM has sent what it took, once', async () => {
    const topic = 'signalled'
    broker.broker.cluster.createTopic({ name: topic, partitions: 1 })
    const printed = await output(`
      const producer = newProducer({ lingerMs: 60_000 })
      for (let i = 0; i < 1000; i++) producer.produce({ topic: '${topic}', value: String(i) }, () => {})
      process.once('SIGTERM', () => void producer.close().then(() => print('closed')))
      process.kill(process.pid, 'SIGTERM')
    `)
    expect(printed).toEqual(['"closed"'])
    expect(broker.broker.cluster.topicNamed(topic)?.partitions[0]?.log.endOffset).toBe(1000)
  })
})
