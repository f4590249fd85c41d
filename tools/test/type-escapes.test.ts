import { describe, expect, test } from 'vitest'
import { checkDefaultExports } from '../tidy/default-exports.ts'
import { checkEnums } from '../tidy/enums.ts'
import { checkTypeEscapes } from '../tidy/type-escapes.ts'
import { findingsOf } from './findings-of.ts'

const PATH = 'packages/producer/src/sender.ts'

describe('type escapes', () => {
  const of = (text: string, path = PATH): string[] => findingsOf(checkTypeEscapes, { [path]: text })

  test.each(['const x: any = 1', 'send(x as any)', 'type X = Map<string, any>', 'function send(x: any[]) {}'])(
    '%s',
    (text) => {
      expect(of(text)).toEqual([`${PATH}:1: any: name the type, or take unknown and narrow it`])
    },
  )

  test('the word any in a name, a string or a comment is no escape', () => {
    expect(of(`// any: of them\nconst any = 'as any'`)).toEqual([])
  })

  test('comments that silence the compiler', () => {
    expect(of('// @ts-ignore\nsend()')).toEqual([
      `${PATH}:1: @ts-ignore: mend the type; where a test wants a wrong one, @ts-expect-error`,
    ])
    expect(of('/* @ts-nocheck */')).toEqual([`${PATH}:1: @ts-nocheck: mend the types`])
  })

  test('@ts-expect-error is for tests', () => {
    const text = '// @ts-expect-error a wrong type on purpose\nsend(1)'
    expect(of(text)).toEqual([`${PATH}:1: @ts-expect-error outside of a test: mend the type`])
    expect(of(text, 'packages/producer/test/sender.test.ts')).toEqual([])
  })
})

test('an enum is reported, a union is not', () => {
  expect(findingsOf(checkEnums, { [PATH]: `enum Color { RED }\ntype Acks = 'all' | 'none'` })).toEqual([
    `${PATH}:1: enum: take a union of string literals, or an object as const`,
  ])
})

describe('default exports', () => {
  test.each(['export default class Sender {}', 'class Sender {}\nexport { Sender as default }'])('%s', (text) => {
    expect(findingsOf(checkDefaultExports, { [PATH]: text })).toHaveLength(1)
  })

  test('are for tools that ask for them, outside of the packages', () => {
    const files = { [PATH]: 'export class Sender {}', 'tools/reporter.ts': 'export default class Reporter {}' }
    expect(findingsOf(checkDefaultExports, files)).toEqual([])
  })
})
