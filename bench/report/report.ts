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
    '## What it must reach',
    tableMarkdown(acceptanceTable(reports.flatMap(({ claims }) => claims))),
  ].join('\n\n')
}

function acceptanceTable(rows: readonly AcceptanceRow[]): Table {
  return {
    title: 'What it must reach',
    header: ['claim', 'figure', 'limit', 'verdict', 'command'],
    rows: rows.map(({ claim, figure, limit, verdict, suite }) => [
      claim,
      figure,
      limit,
      verdict,
      `pnpm bench --only ${suite}`,
    ]),
  }
}

function tableMarkdown({ header, rows }: Table): string {
  const numeric = (column: number): boolean => rows.every((row) => /^[\d.<-]/.test(row[column] ?? ''))
  const align = header.map((_, column) => (numeric(column) ? 'r' : 'l'))
  return markdownTable([header, ...rows], { align })
}
