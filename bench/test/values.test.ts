import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { jsonDocuments, valuesFor } from '../clients/values.ts'
import { baseWorkload } from '../suites/suite.ts'

const workload = { ...baseWorkload(true), bootstrapServers: '', topic: '' }

describe('values', () => {
  const documents = jsonDocuments(1_000)

  test('documents are JSON of the length that was asked for, and no two are the same', () => {
    for (const document of documents.slice(0, 100)) {
      expect(document).toHaveLength(1_000)
      expect(JSON.parse(document.toString())).toHaveProperty('note')
    }
    expect(new Set(documents.map(String)).size).toBe(documents.length)
  })

  test('documents are the same in every run, so that runs can be compared', () => {
    expect(jsonDocuments(1_000)[5_000]?.toString()).toBe(documents[5_000]?.toString())
  })

  test("documents compress as an application's do", () => {
    const bytes = Buffer.concat(documents.slice(0, 1_000))
    const ratio = gzipSync(bytes).length / bytes.length
    expect(ratio).toBeGreaterThan(0.15)
    expect(ratio).toBeLessThan(0.35)
  })

  test('a length that no document has room in is refused', () => {
    expect(() => jsonDocuments(100)).toThrow('a document of 100 bytes')
  })

  test('each record has the next document, also those that go to one partition of six', () => {
    const next = valuesFor({ ...workload, values: 'json', valueBytes: 1_000 })
    const values = Array.from({ length: documents.length * 2 }, () => next().toString())
    const ofOnePartition = values.filter((_, index) => index % 6 === 0)
    expect(new Set(ofOnePartition).size).toBe(ofOnePartition.length)
    expect(values[documents.length]).toBe(values[0])
  })

  test('filler is one value for all records', () => {
    const next = valuesFor({ ...workload, values: 'filler', valueBytes: 100 })
    expect(next()).toBe(next())
  })
})
