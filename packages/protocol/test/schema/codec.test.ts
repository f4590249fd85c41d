import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type Api,
  type ApiCodec,
  apiForKey,
  apis,
  apiVersions,
  codecFor,
  initProducerId,
  metadata,
  produce,
  type RequestInput,
  type RequestOf,
  type ResponseOf,
  saslHandshake,
  txnOffsetCommit,
  Writer,
} from '../../src/index.ts'

const failsWith = (code: string): unknown => expect.objectContaining({ name: 'ProtocolError', code })

const requestHex = <A extends Api>(codec: ApiCodec<A>, input: RequestInput<A>): string => {
  const writer = new Writer(0)
  codec.encodeRequest(writer, input)
  return writer.finish().toString('hex')
}

describe('codecFor', () => {
  test('builds a codec once per API and version', () => {
    expect(codecFor(produce, 9)).toBe(codecFor(produce, 9))
    expect(codecFor(produce, 9)).not.toBe(codecFor(produce, 10))
  })

  test.each([
    [produce, 2],
    [produce, 14],
    [saslHandshake, -1],
    [initProducerId, 6],
  ])('refuses a version beyond the schema', (api, version) => {
    expect(() => codecFor(api, version)).toThrow(failsWith('UNSUPPORTED_VERSION'))
  })

  // Written out by hand from Kafka's schema: one version on each side of every change in layout.
  test.each([
    [1, '00027478 0000ea60'],
    [2, '037478 0000ea60 00'],
    [3, '037478 0000ea60 ffffffffffffffff ffff 00'],
  ])('InitProducerId version %i is the bytes Kafka expects', (version, bytes) => {
    expect(requestHex(codecFor(initProducerId, version), { transactionalId: 'tx', transactionTimeoutMs: 60_000 })).toBe(
      bytes.replaceAll(' ', ''),
    )
  })
})

describe('a message to encode', () => {
  test('needs every field that has no default', () => {
    const codec: ApiCodec = codecFor(initProducerId, 0)
    expect(() => requestHex(codec, { transactionalId: null })).toThrow(failsWith('MISSING_FIELD'))
  })

  test('may not be null where its version has no null', () => {
    const withoutName = { topics: [{ name: null, topicId: 'AAECAwQFBgcICQoLDA0O_w' }] }
    expect(() => requestHex(codecFor(metadata, 9), { topics: [{ name: null }] })).toThrow(failsWith('UNEXPECTED_NULL'))
    expect(requestHex(codecFor(metadata, 12), withoutName)).toBe('02000102030405060708090a0b0c0d0eff0000010000')
  })

  test('may give the default of a field that its version lacks, and nothing else', () => {
    const codec = codecFor(txnOffsetCommit, 2)
    const commit = { transactionalId: 't', groupId: 'g', producerId: 1n, producerEpoch: 0, topics: [] }
    const bytes = requestHex(codec, commit)
    expect(requestHex(codec, { ...commit, memberId: '', generationId: -1, groupInstanceId: null })).toBe(bytes)
    expect(() => requestHex(codec, { ...commit, memberId: 'm' })).toThrow(failsWith('UNSUPPORTED_VERSION'))
    expect(() => requestHex(codec, { ...commit, generationId: 0 })).toThrow(failsWith('UNSUPPORTED_VERSION'))
    expect(() => requestHex(codec, { ...commit, groupInstanceId: '' })).toThrow(failsWith('UNSUPPORTED_VERSION'))
  })

  test('loses an ignorable value that its version lacks', () => {
    const request = { clientSoftwareName: 'linger', clientSoftwareVersion: '0.1.0' }
    expect(requestHex(codecFor(apiVersions, 2), request)).toBe('')
  })
})

describe('the types that follow from a schema', () => {
  test('are those of the decoded message', () => {
    expectTypeOf<RequestOf<typeof initProducerId>>().toEqualTypeOf<{
      transactionalId: string | null
      transactionTimeoutMs: number
      producerId: bigint
      producerEpoch: number
    }>()
    expectTypeOf<ResponseOf<typeof saslHandshake>>().toEqualTypeOf<{ errorCode: number; mechanisms: string[] }>()
  })

  test('let optional fields be left out of a message to encode, and no others', () => {
    expectTypeOf<{ transactionTimeoutMs: number }>().toExtend<RequestInput<typeof initProducerId>>()
    expectTypeOf<{ transactionalId: string }>().not.toExtend<RequestInput<typeof initProducerId>>()
    expectTypeOf<{ transactionTimeoutMs: number; producerId: number }>().not.toExtend<
      RequestInput<typeof initProducerId>
    >()
  })
})

describe('apis', () => {
  test('are found by their key, and each key is one API', () => {
    for (const api of apis) expect(apiForKey(api.apiKey)).toBe(api)
    expect(apiForKey(9999)).toBeUndefined()
  })
})
