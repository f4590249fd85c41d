// Writes the golden lines anew: node test/compression/write-librdkafka-golden.ts. Needs kcat.
import { startBroker } from '@linger/broker'
import { COMPRESSION_TYPES } from '@linger/compression'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GOLDEN_FOLDER } from './golden-folder.ts'
import { librdkafkaBatch, VALUES } from './librdkafka-batches.ts'

const broker = await startBroker()
const lines: string[] = []
for (const type of COMPRESSION_TYPES) {
  const { bytes } = await librdkafkaBatch(broker, type)
  lines.push(JSON.stringify({ type, recordCount: VALUES.length, bytes: bytes.toString('base64') }))
}
await broker.close()
await writeFile(join(GOLDEN_FOLDER, 'librdkafka.jsonl'), `${lines.join('\n')}\n`)
