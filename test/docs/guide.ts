import { readFile } from 'node:fs/promises'

/** What snippets of guides may use without saying where it comes from. */
const PRELUDE = `
import * as linger from '@linger/producer'
const { KafkaError, Producer, presets, serializers, withDeadLetters } = linger
const values = ['tea', 'coffee', 'cocoa']
const outcomes = []
const onWritten = (metadata) => outcomes.push(metadata)
const onFailed = (error) => { throw error }
const console = { log() {}, error() {} }
`

/**
 * A guide's snippets as one program: each has a function of its own, and a producer unless it makes one. It prints how many
 * there were.
 */
export async function guideProgram(path: string, bootstrapServers: string): Promise<{ count: number; code: string }> {
  const text = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
  const snippets = [...text.matchAll(/^```ts\n(.*?)^```$/gmsu)].map(([, code = '']) => code)
  const functions = snippets.map((snippet, index) => functionOf(snippet, index))
  const calls = snippets.map((_, index) => `await snippet${index}()`)
  const report = `globalThis.console.log('ran ${snippets.length}')`
  const code = [PRELUDE, ...functions, ...calls, report].join('\n')
  return { count: snippets.length, code: code.replaceAll('localhost:9092', bootstrapServers) }
}

function functionOf(snippet: string, index: number): string {
  const makesProducer = /\bproducer = (?:new Producer|Producer\.fromProperties)/u.test(snippet)
  const producer = makesProducer
    ? ''
    : `const shared = new Producer({ bootstrapServers: 'localhost:9092', clientId: 'snippet-${index}' })`
  const body = makesProducer
    ? snippet
    : `const run = async (producer) => {\n${snippet}}\nawait run(shared)\nawait shared.close()`
  return `async function snippet${index}() {\n${producer}\n${body}}`
}
