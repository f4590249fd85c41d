import { apis, apiVersions } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { responseIn, TestClient } from '../test-client.ts'

const KNOWN = { clientSoftwareName: 'linger', clientSoftwareVersion: '0.1.0' }

describe('ApiVersions', () => {
  test.each([0, 1, 2, 3, 4])('version %i tells what is spoken', (version) => {
    const { errorCode, apiKeys } = new TestClient().call(apiVersions, version, version >= 3 ? KNOWN : {})
    expect(errorCode).toBe(ErrorCode.NONE)
    // Produce is told from 0 on for librdkafka's sake.
    expect(apiKeys.map(({ apiKey, minVersion, maxVersion }) => `${apiKey}: ${minVersion}-${maxVersion}`)).toEqual([
      '0: 0-13',
      '1: 4-18',
      '2: 1-11',
      '3: 4-13',
      '9: 1-10',
      '10: 0-6',
      '18: 0-4',
      '19: 2-7',
      '20: 1-6',
      '22: 0-5',
      '24: 0-3',
      '25: 0-4',
      '26: 0-5',
      '28: 0-5',
      '32: 1-4',
      '60: 0-2',
      '61: 0-0',
      '65: 0-0',
      '66: 0-2',
    ])
  })

  test.each([3, 4])('version %i tells the agreed transaction.version, and changes of it', (version) => {
    const client = new TestClient()
    const told = () => client.call(apiVersions, version, KNOWN)
    const finalized = (level: number) => [
      { name: 'transaction.version', minVersionLevel: level, maxVersionLevel: level },
    ]
    expect(told()).toMatchObject({ finalizedFeatures: finalized(2), finalizedFeaturesEpoch: 0n })
    client.cluster.features.setTransactionVersion(1)
    expect(told()).toMatchObject({ finalizedFeatures: finalized(1), finalizedFeaturesEpoch: 1n })
    client.cluster.features.setTransactionVersion(0)
    expect(told()).toMatchObject({ finalizedFeatures: [], finalizedFeaturesEpoch: 2n })
    // A range from 0 on breaks Java clients that speak version 3 at most (KAFKA-17492).
    const supported = { name: 'transaction.version', minVersion: 0, maxVersion: 2 }
    expect(told().supportedFeatures).toEqual(version === 3 ? [] : [supported])
  })

  test('a version from the future is answered in version 0, with what is spoken of ApiVersions', () => {
    // API key 18, version 99, correlation id 4711, client id null.
    const frame = Buffer.from('0012006300001267ffff', 'hex')
    const [answer] = new TestClient().startFrame(frame).answers
    expect(responseIn(apiVersions, 0, answer)).toMatchObject({
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
    })
  })

  test.each([
    ['', '1'],
    ['a', ''],
    ['-a', '1'],
    ['a b', '1'],
    ['a', '1.'],
  ])('a client named %j version %j is an invalid request (KIP-511)', (clientSoftwareName, clientSoftwareVersion) => {
    const response = new TestClient().call(apiVersions, 3, { clientSoftwareName, clientSoftwareVersion })
    expect(response.errorCode).toBe(ErrorCode.INVALID_REQUEST)
  })
})

test('an API that is not told, and every version outside the range, ends the connection', () => {
  const client = new TestClient()
  const told = client.call(apiVersions, 0, {}).apiKeys
  const refused = (apiKey: number, version: number): boolean => {
    const frame = Buffer.alloc(11) // the last byte: no tagged fields, where the header has them
    frame.writeInt16BE(apiKey, 0)
    frame.writeInt16BE(version, 2)
    frame.writeInt16BE(-1, 8)
    return client.startFrame(frame).answers[0]?.kind === 'close'
  }
  for (const { apiKey } of apis) {
    const versions = told.find((one) => one.apiKey === apiKey)
    if (versions === undefined) expect(refused(apiKey, 0), `API ${apiKey}`).toBe(true)
    else if (apiKey !== apiVersions.apiKey) {
      expect(refused(apiKey, versions.maxVersion + 1), `API ${apiKey} version ${versions.maxVersion + 1}`).toBe(true)
      if (versions.minVersion > 0) expect(refused(apiKey, versions.minVersion - 1), `API ${apiKey}`).toBe(true)
    }
  }
  expect(refused(0, 2), 'Produce 2 is told but not spoken').toBe(true)
  expect(refused(9999, 0)).toBe(true)
  expect(refused(-1, -1)).toBe(true)
})
