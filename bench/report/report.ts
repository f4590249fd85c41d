import { markdownTable } from 'markdown-table'
import type { AcceptanceRow } from './acceptance.ts'
import type { Machine } from './machine.ts'

export interface Table {
  readonly title: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface SuiteReport {
  readonly suite: string
  readonly tables: readonly Table[]
  readonly claims: readonly AcceptanceRow[]
  /** What the tables were made from, for the saved JSON. */
  readonly runs: unknown
}

export function reportMarkdown(machine: Machine, note: string, reports: readonly SuiteReport[]): string {
  const sections = reports.flatMap(({ suite, tables }) => [
    `## ${suite}`,
    ...tables.flatMap((table) => [`### ${table.title}`, tableMarkdown(table)]),
  ])
  return [
    '# Benchmark',
    Object.entries(machine)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
    note,
    ...sections,
    ...acceptanceSection(reports.flatMap(({ claims }) => claims)),
  ].join('\n\n')
}

function acceptanceSection(rows: readonly AcceptanceRow[]): readonly string[] {
  if (rows.length === 0) return []
  const header = ['claim', 'figure', 'limit', 'verdict', 'command']
  const cells = rows.map(({ claim, figure, limit, verdict, suite }) => {
    return [claim, figure, limit, verdict, `pnpm bench --only ${suite}`]
  })
  return ['## What it must reach', tableMarkdown({ title: '', header, rows: cells })]
}

function tableMarkdown({ header, rows }: Table): string {
  const isNumeric = (column: number): boolean =>
    rows.every((row) => /^[\d.,-]+$|^not installed$|^failed$/.test(row[column] ?? ''))
  const align = header.map((_, column) => (isNumeric(column) ? 'r' : 'l'))
  return markdownTable([header, ...rows], { align })
}
