import { describe, expect, test } from 'vitest'
import { checkLayering } from '../tidy/layering.ts'
import { findingsOf } from './findings-of.ts'

const of = (path: string, text: string): string[] => findingsOf(checkLayering, { [path]: text })

describe('between packages', () => {
  test('nothing imports upward', () => {
    expect(of('packages/protocol/src/index.ts', `import { Producer } from '@linger/producer'`)).toEqual([
      'packages/protocol/src/index.ts:1: protocol may not import @linger/producer, only crc-32, @node-rs/crc32: turn the dependency round',
    ])
  })

  test.each([
    `import type { Producer } from '@linger/producer'`,
    `export { Producer } from '@linger/producer'`,
    `export * from '@linger/producer'`,
    `const { Producer } = await import('@linger/producer')`,
    `const { Producer } = require('@linger/producer')`,
    `import { Producer } from '@linger/producer/internal.js'`,
  ])('whatever the form: %s', (text) => {
    expect(of('packages/broker/src/broker.ts', text)).toHaveLength(1)
  })

  test('what the table lists passes, and so do modules of Node', () => {
    expect(of('packages/producer/src/sender.ts', `import '@linger/protocol'\nimport 'node:assert/strict'`)).toEqual([])
    expect(of('packages/cli/src/main.ts', `import '@linger/broker'\nimport 'commander'`)).toEqual([])
  })

  test('a dependency that the table does not list is found, in a package that it does not list too', () => {
    expect(of('packages/producer/src/sender.ts', `import lodash from 'lodash'`)).toHaveLength(1)
    expect(of('packages/admin/src/index.ts', `import lodash from 'lodash'`)).toEqual([
      'packages/admin/src/index.ts:1: packages/admin has no layer yet: give it one in tools/tidy/layering.ts',
    ])
  })

  test.each([
    ['packages/producer/src/sender.ts', '../../protocol/src/index.ts'],
    ['packages/producer/src/sender.ts', '../test/cluster.ts'],
    ['packages/producer/test/sender.test.ts', '../../broker/src/broker.ts'],
    ['examples/send-one.ts', '../packages/producer/src/index.ts'],
  ])('%s may not reach for %s', (path, specifier) => {
    expect(of(path, `import '${specifier}'`)).toHaveLength(1)
  })

  test('tests and benchmarks that span packages may look inside them', () => {
    expect(of('bench/micro.ts', `import '../packages/producer/src/partition/murmur2.ts'`)).toEqual([])
    expect(of('test/world.ts', `import '../packages/producer/src/ports/node/node-ports.ts'`)).toEqual([])
  })

  test('the broker judges with its own reader and checksum', () => {
    const path = 'packages/broker/src/log/partition-log.ts'
    expect(of(path, `import { codecFor, crc32c as checksum } from '@linger/protocol'`)).toEqual([
      `${path}:1: the broker judges what crc32c does: use its own`,
    ])
    expect(of(path, `import { codecFor } from '@linger/protocol'`)).toEqual([])
  })
})

describe('inside a package', () => {
  test('a lower folder does not import a higher one', () => {
    expect(of('packages/protocol/src/wire/reader.ts', `import '../schema/codec.ts'`)).toEqual([
      'packages/protocol/src/wire/reader.ts:1: packages/protocol/src/wire/ imports nothing beside itself, not packages/protocol/src/schema/codec.ts: turn the dependency round',
    ])
    expect(of('packages/protocol/src/schema/codec.ts', `import '../wire/reader.ts'`)).toEqual([])
    expect(of('packages/producer/src/network/connection.ts', `import '../sender.ts'`)).toHaveLength(1)
  })

  test('the real world is behind one door', () => {
    const text = `import './ports/node/node-ports.ts'`
    expect(of('packages/producer/src/sender.ts', text)).toEqual([
      'packages/producer/src/sender.ts:1: only packages/producer/src/producer.ts, packages/producer/src/index.ts, packages/producer/src/stream/record-writable.ts may import packages/producer/src/ports/node/: take it through a port',
    ])
    expect(of('packages/producer/src/producer.ts', text)).toEqual([])
    expect(of('packages/broker/src/broker.ts', `import './tcp/connection.ts'`)).toHaveLength(1)
    expect(of('packages/broker/test/tcp/connection.test.ts', `import '../../src/tcp/connection.ts'`)).toEqual([])
  })
})
