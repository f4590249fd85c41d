import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startBroker } from '@linger/broker'
import { describe, expect, inject, test } from 'vitest'
import { createTopic } from '../../demo/topic.ts'
import { guideProgram } from './guide.ts'

const kafka = inject('kafka')

/** Those whose snippets are whole without what stands around them. */
const GUIDES = [
  'docs/keys-and-partitions.md',
  'docs/tuning.md',
  'docs/coming-from/aiokafka.md',
  'docs/coming-from/confluent-python.md',
  'docs/coming-from/franzy.md',
  'docs/coming-from/java.md',
  'docs/coming-from/pyflymq.md',
]

describe('every snippet of', () => {
  test.each(GUIDES)('%s runs', async (path) => {
    const broker = await startBroker()
    await expectToRun(path, broker.bootstrapServers)
    await broker.close()
  })

  test.skipIf(kafka === null).each(GUIDES)('%s runs on a real Kafka', async (path) => {
    await expectToRun(path, kafka?.bootstrapServers ?? '')
  })

  test('the guides for those who come from elsewhere: a new one needs its place here', async () => {
    const files = await readdir(new URL('../../docs/coming-from/', import.meta.url))
    const guides = files.map((file) => `docs/coming-from/${file}`).filter((path) => !path.endsWith('kafkajs.md'))
    expect(guides.filter((path) => !GUIDES.includes(path))).toEqual([])
  })
})

async function expectToRun(path: string, bootstrapServers: string): Promise<void> {
  for (const topic of ['orders', 'payments', 'visits', 'profiles'])
    await createTopic(bootstrapServers, topic, 1).catch(() => {}) // another guide may have made it
  const { count, code } = await guideProgram(path, bootstrapServers)
  const cwd = fileURLToPath(new URL('../../examples/', import.meta.url))
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], { cwd })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  expect({ exitCode: child.exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: `ran ${count}\n`, stderr: '' })
  expect(count).toBeGreaterThan(1)
}
