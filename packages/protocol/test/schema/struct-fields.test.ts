import { describe, expect, test } from 'vitest'
import { type Api, codecFor, Reader, type ResponseInput, Writer } from '../../src/index.ts'

const failsWith = (code: string): unknown => expect.objectContaining({ name: 'ProtocolError', code })

/** Holds what no API of the list has, and what is rare in them. */
const sample = {
  name: 'Sample',
  apiKey: 9000,
  versions: '0-2',
  flexible: '1+',
  request: {},
  response: {
    cursor: { type: { topic: { type: 'string' }, partition: { type: 'int32' } }, nullable: '0+', default: null },
    leader: { type: { id: { type: 'int32', default: -1 }, racks: { type: ['string'] } }, versions: '1+', tag: 1 },
    blob: { type: 'bytes', versions: '1+', tag: 0 },
    note: { type: 'string', versions: '2+', tag: 2 },
    ids: { type: ['uuid'], versions: '2+' },
    links: { type: [{ next: { type: { id: { type: 'int64' } }, nullable: '0+' } }], versions: '2+' },
  },
} as const

sample satisfies Api

const hex = (spaced: string): string => spaced.replaceAll(' ', '')

const encoded = (version: number, input: ResponseInput<typeof sample>): string => {
  const writer = new Writer(0)
  codecFor(sample, version).encodeResponse(writer, input)
  return writer.finish().toString('hex')
}

const decoded = (version: number, bytes: string): unknown => {
  const reader = new Reader(Buffer.from(hex(bytes), 'hex'))
  const message = codecFor(sample, version).decodeResponse(reader)
  expect(reader.remaining).toBe(0)
  return message
}

const DEFAULTS = { cursor: null, leader: { id: -1, racks: [] }, blob: new Uint8Array(0), note: '', ids: [], links: [] }

describe('a nullable struct', () => {
  test('is a byte that says whether it follows', () => {
    expect(encoded(0, { cursor: null })).toBe('ff')
    expect(encoded(0, { cursor: { topic: 't', partition: 5 } })).toBe(hex('01 000174 00000005'))
    expect(decoded(0, 'ff')).toEqual(DEFAULTS)
    expect(decoded(0, '01 000174 00000005')).toEqual({ ...DEFAULTS, cursor: { topic: 't', partition: 5 } })
  })
})

describe('an array', () => {
  test('fits whose elements are as short as they can be', () => {
    const links = [{ next: null }, { next: null }]
    const bytes = 'ff 01 03 ff00 ff00 00'
    expect(encoded(2, { links })).toBe(hex(bytes))
    expect(decoded(2, bytes)).toEqual({ ...DEFAULTS, links })
  })

  test('may not be null where its version has no null', () => {
    expect(() => decoded(2, 'ff 00 01 00')).toThrow(failsWith('UNEXPECTED_NULL'))
  })
})

describe('tagged fields', () => {
  test('are left out at their default', () => {
    expect(encoded(1, {})).toBe(hex('ff 00'))
    expect(encoded(1, { leader: { racks: [] }, blob: new Uint8Array(0) })).toBe(hex('ff 00'))
  })

  test('go in the order of their tags, each with its size', () => {
    const bytes = 'ff 02 00 03 03cafe 01 08 00000007 02 0261 00'
    const input = { leader: { id: 7, racks: ['a'] }, blob: Buffer.from('cafe', 'hex') }
    expect(encoded(1, input)).toBe(hex(bytes))
    expect(decoded(1, bytes)).toEqual({ ...DEFAULTS, ...input })
  })

  test('that are unknown are skipped', () => {
    const bytes = 'ff 02 00 02 0200 63 03 abcdef'
    expect(decoded(1, bytes)).toEqual({ ...DEFAULTS, blob: Buffer.from('00', 'hex') })
  })

  test('that a later version knows are skipped by an earlier one', () => {
    expect(decoded(1, 'ff 01 02 02 0261')).toEqual(DEFAULTS)
    expect(decoded(2, 'ff 01 01 01 02 02 0261')).toEqual({ ...DEFAULTS, note: 'a' })
  })

  test.each(['ff 01 00 04 03cafe00', 'ff 01 00 02 03cafe'])('must be as long as they say (%s)', (bytes) => {
    expect(() => decoded(1, bytes)).toThrow(failsWith('INVALID_LENGTH'))
  })

  test('that claim more bytes than there are end the decoding', () => {
    expect(() => decoded(1, 'ff ffffffff0f 63 00')).toThrow(failsWith('TRUNCATED'))
    expect(() => decoded(1, 'ff 01 63 ffffffff0f')).toThrow(failsWith('TRUNCATED'))
  })
})

describe('decoded messages', () => {
  test('do not share the defaults of absent fields', () => {
    const first = codecFor(sample, 0).decodeResponse(new Reader(Buffer.from('ff', 'hex')))
    first.leader.racks.push('changed')
    first.ids.push('changed')
    expect(decoded(0, 'ff')).toEqual(DEFAULTS)
  })
})
