import { describe, expect, test } from 'vitest'
import { checkFileSize } from '../tidy/file-size.ts'
import { checkFunctionSize } from '../tidy/function-size.ts'
import { findingsOf } from './findings-of.ts'

const PATH = 'packages/producer/src/sender.ts'
const lines = (count: number, line = 'run()'): string => `${line}\n`.repeat(count)

describe('file size', () => {
  const of = (text: string): string[] => findingsOf(checkFileSize, { [PATH]: text })

  test('400 lines pass, 401 need a reason', () => {
    expect(of(lines(400))).toEqual([])
    expect(of(lines(401))).toEqual([`${PATH}:1: 401 lines: split it, or say why not in a // tidy: comment at its top`])
  })

  test('a reason counts before the first statement only', () => {
    expect(of(`// tidy: a table\n${lines(401)}`)).toEqual([])
    expect(of(`run()\n// tidy: a table\n${lines(401)}`)).toHaveLength(1)
  })

  test('an empty reason is none', () => {
    expect(of(`// tidy: \n${lines(401)}`)).toHaveLength(1)
  })
})

describe('function size', () => {
  const of = (text: string): string[] => findingsOf(checkFunctionSize, { [PATH]: text })
  const functionOf = (lineCount: number, head = 'function send() {'): string => `${head}\n${lines(lineCount - 2)}}\n`

  test('70 lines pass, 71 need a reason', () => {
    expect(of(functionOf(70))).toEqual([])
    expect(of(`run()\n${functionOf(71)}`)).toEqual([
      `${PATH}:2: a function of 71 lines: split it, or say why not in a // tidy: comment at its top`,
    ])
  })

  test.each(['const send = () => {', 'const send = function () {'])('it counts for %s', (head) => {
    expect(of(functionOf(71, head))).toHaveLength(1)
  })

  test('it counts for methods and constructors', () => {
    const methods = `class Sender {\n${functionOf(71, 'send() {')}${functionOf(71, 'constructor() {')}}`
    expect(of(methods)).toHaveLength(2)
  })

  test('a reason stands on the line above or on the first line inside', () => {
    expect(of(`// tidy: one step each\n${functionOf(71)}`)).toEqual([])
    expect(of(functionOf(71, 'function send() {\n// tidy: one step each'))).toEqual([])
    expect(of(functionOf(71, 'function send() {\n\n// tidy: too late'))).toHaveLength(1)
  })

  test('describe may hold as many tests as it likes, a test may not be long', () => {
    const group = (inside: string): string => `describe.each([1])('group', () => {\n${inside}})\n`
    expect(of(group(lines(100)))).toEqual([])
    expect(of(group(functionOf(71, `test('case', () => {`).replace(/\}\n$/, '})\n')))).toHaveLength(1)
  })
})
