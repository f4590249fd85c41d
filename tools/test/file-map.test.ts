import { describe, expect, test } from 'vitest'
import { checkFileMap } from '../tidy/file-map.ts'
import { findingsOf } from './findings-of.ts'

const sources = {
  'packages/producer/src/sender.ts': 'class Sender {\n  #run() {}\n}',
  'packages/protocol/src/apis/fetch.ts': '',
}
const MAP = `## File map

### packages/producer/src

- \`sender.ts\` - moves batches to the brokers

### packages/protocol/src

- \`apis/\` - one schema per API
`

const of = (document: string, files: Readonly<Record<string, string>> = sources): string[] =>
  findingsOf(checkFileMap, { ...files, 'ARCHITECTURE.md': document })

describe('the map', () => {
  test('passes when every source file is named', () => {
    expect(of(MAP)).toEqual([])
  })

  test('a source file that is not named is found', () => {
    expect(of(MAP, { ...sources, 'packages/producer/src/ack/judge.ts': '' })).toEqual([
      'packages/producer/src/ack/judge.ts:1: not in the file map of ARCHITECTURE.md: add a line that says what it is for',
    ])
  })

  test('a file that is gone is found', () => {
    const { 'packages/producer/src/sender.ts': _gone, ...rest } = sources
    expect(of(MAP, rest)).toEqual([
      'ARCHITECTURE.md:5: packages/producer/src/sender.ts does not exist: take the line out, or correct it',
    ])
  })

  test('a line without a word on the file is found, and a file with two lines', () => {
    expect(of(MAP.replace(' - moves batches to the brokers', ''))).toHaveLength(1)
    expect(of(MAP.replace(/- `sender.*\n/, (line) => line + line))).toHaveLength(1)
  })

  test('only folders of files that are all alike may stand for their files', () => {
    expect(of(MAP.replace('`sender.ts`', '`ack/`'), { ...sources, 'packages/producer/src/ack/judge.ts': '' })).toEqual([
      'ARCHITECTURE.md:5: packages/producer/src/ack/: name its files, each on a line',
      'packages/producer/src/sender.ts:1: not in the file map of ARCHITECTURE.md: add a line that says what it is for',
      'packages/producer/src/ack/judge.ts:1: not in the file map of ARCHITECTURE.md: add a line that says what it is for',
    ])
  })

  test('a missing map or document is found', () => {
    expect(of('# Architecture')).toEqual([`ARCHITECTURE.md:1: no '## File map': name every source file there`])
    expect(findingsOf(checkFileMap, sources)).toEqual(['ARCHITECTURE.md:1: is missing: it tells where everything is'])
  })
})

describe('the text before the map', () => {
  test('a function is where it is said to be', () => {
    expect(of(`\`sender.ts -> #run\`, \`sender.ts\`\n\n${MAP}`)).toEqual([])
    expect(of(`\`sender.ts -> #runs()\`\n\n${MAP}`)).toEqual([
      'ARCHITECTURE.md:1: there is no #runs in sender.ts: correct it',
    ])
  })

  test('a file that does not exist is found', () => {
    expect(of(`\n\`batch/seal.ts\`\n${MAP}`)).toEqual(['ARCHITECTURE.md:2: batch/seal.ts does not exist: correct it'])
  })
})
