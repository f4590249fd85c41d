import { describe, expect, test } from 'vitest'
import { checkBannedWords } from '../tidy/banned-words.ts'
import { checkCoverageIgnores } from '../tidy/coverage-ignores.ts'
import { checkFileNames } from '../tidy/file-names.ts'
import { checkTestNames } from '../tidy/test-names.ts'
import { findingsOf } from './findings-of.ts'

const PATH = 'packages/producer/src/sender.ts'

describe('banned words', () => {
  const of = (text: string, path = PATH): string[] => findingsOf(checkBannedWords, { [path]: text })

  test('what puts off is found in comments, with its line', () => {
    expect(of('send()\n// TODO retry\n')).toEqual([`${PATH}:2: 'TODO': do it now, or say in docs/ what is missing`])
    expect(of('/**\n * FIXME: races\n */')).toEqual([`${PATH}:2: 'FIXME': mend it now, or say in docs/ what is broken`])
  })

  test('and in the prose of Markdown', () => {
    expect(of('# Title\n\nTODO', 'docs/errors.md')).toHaveLength(1)
  })

  test.each([
    'const msg = 1',
    'function send(reqHeader: string) {}',
    'class A { #respCount = 1 }',
    'on((errCtx) => 1)',
  ])('an abbreviation in %s', (text) => {
    expect(of(text)).toHaveLength(1)
  })

  test('a word that only begins like an abbreviation passes, and so do strings', () => {
    expect(of(`const requestBuffer = connection('TODO msg')`)).toEqual([])
  })
})

test('coverage-ignore comments', () => {
  const ignores = [
    '/* v8 ignore next */',
    '/* c8 ignore start */',
    '/* istanbul ignore else */',
    '// node:coverage ignore next',
  ]
  expect(findingsOf(checkCoverageIgnores, { [PATH]: ignores.join('\n') })).toHaveLength(4)
  expect(findingsOf(checkCoverageIgnores, { [PATH]: '// ignored: the broker lags behind' })).toEqual([])
})

describe('file names', () => {
  const of = (path: string): string[] => findingsOf(checkFileNames, { [path]: '' })

  test.each([
    'packages/producer/src/utils.ts',
    'packages/producer/src/helpers/retry.ts',
    'test/common/retry.ts',
    'bench/types.ts',
    'tools/base.ts',
  ])('%s can hold anything', (path) => {
    expect(of(path)[0]).toMatch(/^\S+:1: '\w+' can hold anything: name the file after the one thing in it$/)
  })

  test.each(['bench/runClients.ts', 'bench/run_clients.ts', 'bench/Run.ts'])('%s is not kebab-case', (path) => {
    expect(of(path)).toHaveLength(1)
  })

  test('an index.ts stands at a package root only', () => {
    expect(of('packages/producer/src/ack/index.ts')).toHaveLength(1)
    expect(of('packages/producer/src/index.ts')).toEqual([])
  })

  test.each(['packages/producer/src/transaction/transaction-manager.ts', 'vitest.config.ts', 'test/run/sim.test.ts'])(
    '%s is a good name',
    (path) => {
      expect(of(path)).toEqual([])
    },
  )
})

describe('test names', () => {
  const path = 'packages/producer/test/sender.test.ts'
  const of = (text: string): string[] => findingsOf(checkTestNames, { [path]: text })

  test('say what happens', () => {
    expect(of(`test('it should retry', () => {})`)).toEqual([`${path}:1: 'should': say what happens`])
    expect(of(`describe.each([1])('should retry', () => {})`)).toHaveLength(1)
    expect(of(`test('a shoulder is no should-er', () => {})`)).toHaveLength(1)
    expect(of(`test('retries', () => { fail('should') })`)).toEqual([])
  })

  test.each(['test.only', 'describe.only', 'test.concurrent.only', 'test.only.each([1])'])('%s is found', (call) => {
    expect(of(`${call}('retries', () => {})`)).toHaveLength(1)
  })
})
