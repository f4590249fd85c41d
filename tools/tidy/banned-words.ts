import type { Finding } from './finding.ts'
import type { Repository, SourceFile } from './repository.ts'

interface BannedWord {
  readonly word: string
  readonly instead: string
}

/** Words that put something off. In comments, and in the prose of Markdown files. */
const PUT_OFF: readonly BannedWord[] = [
  { word: 'TODO', instead: 'do it now, or say in docs/ what is missing' },
  { word: 'FIXME', instead: 'mend it now, or say in docs/ what is broken' },
  { word: 'XXX', instead: 'say what is wrong, and mend it' },
  { word: 'HACK', instead: 'say which behaviour of which program forces it, with a @source' },
  { word: 'WIP', instead: 'finish it' },
]

/** Abbreviations that need a decoder. In identifiers, as a whole word of them. */
const ABBREVIATIONS: readonly BannedWord[] = [
  { word: 'msg', instead: 'record, or message for a request or response' },
  { word: 'cxn', instead: 'connection' },
  { word: 'conn', instead: 'connection' },
  { word: 'cfg', instead: 'config' },
  { word: 'buf', instead: 'buffer, or bytes' },
  { word: 'req', instead: 'request' },
  { word: 'resp', instead: 'response' },
  { word: 'hdr', instead: 'header' },
  { word: 'idx', instead: 'index' },
  { word: 'tmp', instead: 'what it holds' },
  { word: 'ctx', instead: 'context, or what it holds' },
  { word: 'cb', instead: 'callback, or onX' },
]

const PUT_OFF_PATTERN = new RegExp(`\\b(?:${PUT_OFF.map(({ word }) => word).join('|')})\\b`, 'g')
const insteadOf = new Map([...PUT_OFF, ...ABBREVIATIONS].map(({ word, instead }) => [word, instead]))

/** Words whose place another word takes better. */
export function checkBannedWords(repository: Repository): Finding[] {
  const prose = repository.files.filter(({ path }) => path.endsWith('.md'))
  return [
    ...repository.typescript.flatMap((file) => [...putOffInComments(file), ...abbreviations(file)]),
    ...prose.flatMap((file) => putOff(file, file.text, 0)),
  ]
}

function putOffInComments(file: SourceFile): Finding[] {
  return file.syntax.comments.flatMap(({ value, start }) => putOff(file, value, start))
}

function putOff(file: SourceFile, text: string, offset: number): Finding[] {
  return [...text.matchAll(PUT_OFF_PATTERN)].map(({ 0: word, index }) => banned(file, offset + index, word))
}

function abbreviations(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  const judge = ({ name, start }: { readonly name: string; readonly start: number }): void => {
    for (const [part] of name.matchAll(/[A-Z]?[a-z]+/g)) {
      const word = part.toLowerCase()
      if (insteadOf.has(word)) findings.push(banned(file, start, word))
    }
  }
  file.visit({
    VariableDeclarator: ({ id }) => {
      if (id.type === 'Identifier') judge(id)
    },
    FunctionDeclaration: ({ id, params }) => {
      if (id !== null) judge(id)
      for (const param of params) if (param.type === 'Identifier') judge(param)
    },
    ArrowFunctionExpression: ({ params }) => {
      for (const param of params) if (param.type === 'Identifier') judge(param)
    },
    FunctionExpression: ({ params }) => {
      for (const param of params) if (param.type === 'Identifier') judge(param)
    },
    PropertyDefinition: ({ key }) => {
      if (key.type === 'Identifier' || key.type === 'PrivateIdentifier') judge(key)
    },
    MethodDefinition: ({ key }) => {
      if (key.type === 'Identifier' || key.type === 'PrivateIdentifier') judge(key)
    },
  })
  return findings
}

function banned(file: SourceFile, offset: number, word: string): Finding {
  return file.finding(offset, `'${word}': ${insteadOf.get(word)}`)
}
