import { describe, expect, test } from 'vitest'
import {
  apiForKey,
  apiVersions,
  codecFor,
  correlationIdOf,
  decodeRequest,
  decodeRequestHeader,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeRequestHeader,
  encodeResponseFrame,
  initProducerId,
  saslHandshake,
  Writer,
} from '../../src/index.ts'
import { apis } from '../../src/apis/apis.ts'
import { allGoldenVectors, decodeBody, goldenLines } from '../golden-vectors.ts'

const CORRELATION_ID = 0x01_02_03_04
const CLIENT_ID = 'bücher'

interface GoldenHeader {
  readonly api: string
  readonly version: number
  readonly request: string
  readonly anonymousRequest: string
  readonly response: string
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what test/java/GoldenMessages.java writes
const goldenHeaders = goldenLines('headers.jsonl') as GoldenHeader[]

const failsWith = (code: string): unknown => expect.objectContaining({ name: 'ProtocolError', code })

describe('headers', () => {
  test('of requests are those of Kafka, for every API and version', () => {
    for (const { api: name, version, request, anonymousRequest } of goldenHeaders) {
      const api = apis.find((candidate) => candidate.name === name)
      if (api === undefined) throw new Error(`no API ${name}`)
      for (const [clientId, expected] of [
        [CLIENT_ID, request],
        [null, anonymousRequest],
      ] as const) {
        const writer = new Writer(0)
        encodeRequestHeader(writer, codecFor(api, version), CORRELATION_ID, clientId)
        const bytes = writer.finish()
        expect(bytes.toString('base64'), `${name} ${version}`).toBe(expected)
        expect(decodeRequestHeader(bytes)).toEqual({
          apiKey: api.apiKey,
          apiVersion: version,
          correlationId: CORRELATION_ID,
          clientId,
          bodyOffset: bytes.length,
        })
      }
    }
    expect(goldenHeaders.length).toBeGreaterThan(100)
  })

  test('of responses are those of Kafka, for every API and version', () => {
    const headers = new Map(goldenHeaders.map((header) => [`${header.api} ${header.version}`, header.response]))
    for (const { api, version, direction, value, bytes } of allGoldenVectors) {
      if (direction !== 'response') continue
      const header = Buffer.from(headers.get(`${api.name} ${version}`) ?? '', 'base64')
      const frame = encodeResponseFrame(codecFor(api, version), CORRELATION_ID, value)
      expect(Buffer.from(frame.subarray(4)).equals(Buffer.concat([header, bytes])), `${api.name} ${version}`).toBe(true)
    }
  })
})

describe('frames', () => {
  test('of requests begin with their size and come back', () => {
    const codec = codecFor(initProducerId, 4)
    const request = { transactionalId: 'tx', transactionTimeoutMs: 1, producerId: 7n, producerEpoch: 2 }
    const frame = encodeRequestFrame(codec, 5, 'me', request)
    expect(new DataView(frame.buffer, frame.byteOffset).getInt32(0)).toBe(frame.length - 4)
    const header = decodeRequestHeader(frame.subarray(4))
    expect(header).toMatchObject({ apiKey: 22, apiVersion: 4, correlationId: 5, clientId: 'me' })
    expect(decodeRequest(codec, frame.subarray(4), header.bodyOffset)).toEqual(request)
  })

  test('of responses begin with their size and come back', () => {
    for (const { api, version, direction, value } of allGoldenVectors) {
      if (direction !== 'response') continue
      const codec = codecFor(api, version)
      const frame = encodeResponseFrame(codec, -2, value)
      expect(new DataView(frame.buffer, frame.byteOffset).getInt32(0)).toBe(frame.length - 4)
      expect(correlationIdOf(frame.subarray(4))).toBe(-2)
      expect(decodeResponseFrame(codec, frame.subarray(4)), `${api.name} ${version}`).toEqual({
        correlationId: -2,
        response: value,
      })
    }
  })

  test('with bytes after the last field are refused in a response, and read in a request as Kafka does', () => {
    const codec = codecFor(saslHandshake, 1)
    const response = encodeResponseFrame(codec, 1, { errorCode: 0, mechanisms: [] }).subarray(4)
    expect(() => decodeResponseFrame(codec, Buffer.concat([response, Buffer.alloc(1)]))).toThrow(
      failsWith('TRAILING_BYTES'),
    )
    const request = encodeRequestFrame(codec, 1, null, { mechanism: 'PLAIN' }).subarray(4)
    const { bodyOffset } = decodeRequestHeader(request)
    const longer = Buffer.concat([request, Buffer.alloc(3)])
    expect(decodeRequest(codec, longer, bodyOffset)).toEqual({ mechanism: 'PLAIN' })
  })

  test('say in their errors whose body could not be read', () => {
    const frame = Buffer.from('0000000900', 'hex')
    expect(() => decodeResponseFrame(codecFor(saslHandshake, 1), frame)).toThrow(/^SaslHandshake response version 1: /)
  })

  test('of an unknown API or version still give what is needed to refuse them', () => {
    const unknownApi = Buffer.from('7fff 0009 00000007 0002 6d65'.replaceAll(' ', ''), 'hex')
    expect(decodeRequestHeader(unknownApi)).toMatchObject({ apiKey: 32_767, apiVersion: 9, correlationId: 7 })
    const newerVersion = Buffer.from('0012 0063 00000008 ffff 00'.replaceAll(' ', ''), 'hex')
    expect(decodeRequestHeader(newerVersion)).toMatchObject({ apiKey: 18, apiVersion: 99, correlationId: 8 })
  })

  test('of ApiVersions keep the plain header in their responses, so that any client can read them', () => {
    expect(codecFor(apiVersions, 4)).toMatchObject({ requestHeaderVersion: 2, responseHeaderVersion: 0 })
    expect(codecFor(initProducerId, 2)).toMatchObject({ requestHeaderVersion: 2, responseHeaderVersion: 1 })
    expect(codecFor(initProducerId, 1)).toMatchObject({ requestHeaderVersion: 1, responseHeaderVersion: 0 })
  })

  test('may carry tagged fields in their headers that nobody knows yet', () => {
    const codec = codecFor(initProducerId, 2)
    const frame = Buffer.from(
      '00000009 02 00 01ff 05 00 00000000 0000 0000000000000001 0002 00'.replaceAll(' ', ''),
      'hex',
    )
    expect(decodeResponseFrame(codec, frame)).toMatchObject({ correlationId: 9, response: { producerId: 1n } })
  })

  // A response is cut at every byte, header and body.
  test('that are cut give a typed error, wherever the cut is', () => {
    for (const vector of allGoldenVectors) {
      const { api, version, direction, value } = vector
      if (direction !== 'response') continue
      const codec = codecFor(api, version)
      const frame = encodeResponseFrame(codec, 1, value).subarray(4)
      for (let length = 0; length < frame.length; length++) {
        const cut = (): unknown => decodeResponseFrame(codec, frame.subarray(0, length))
        expect(cut, `${api.name} ${version} cut at ${length}`).toThrow(
          expect.objectContaining({ name: 'ProtocolError' }),
        )
      }
    }
  })

  test('are told apart by the API key of their request', () => {
    for (const vector of allGoldenVectors.filter(({ direction }) => direction === 'request')) {
      const frame = encodeRequestFrame(codecFor(vector.api, vector.version), 1, CLIENT_ID, vector.value).subarray(4)
      const { apiKey, bodyOffset } = decodeRequestHeader(frame)
      expect(apiForKey(apiKey)).toBe(vector.api)
      expect(decodeBody(vector, frame.subarray(bodyOffset))).toEqual(vector.value)
    }
  })
})
