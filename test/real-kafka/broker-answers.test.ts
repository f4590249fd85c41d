import { describe, expect, test } from 'vitest'
import type { BrokerApis } from './broker-probe.ts'
import { releaseOf } from './environment-kafka.ts'
import { environmentFor } from './testcontainers-kafka.ts'

describe('the release of a broker that is not ours', () => {
  // Levels from the MetadataVersion classes of the releases named.
  test.each([
    [30, '4.3'],
    [25, '4.0'],
    [21, '3.9'],
    [7, '3.3'],
  ])('with metadata.version %i is %s', (level, release) => {
    expect(releaseOf(apisWith(level))).toBe(release)
  })

  test('newer than all we know is said to be so', () => {
    expect(releaseOf(apisWith(31))).toBe('4.3 or later')
  })

  test('without features is unknown, and not guessed', () => {
    expect(releaseOf(apisWith())).toBe('unknown (Produce up to version 9)')
    expect(releaseOf(apisWith(1))).toBe('unknown (metadata.version 1)')
  })
})

test('properties become the variables that Kafka’s image reads', () => {
  const properties = { 'log.dirs': '/a', under_score: 'b', 'with-dash': 'c' }
  expect(environmentFor(properties)).toEqual({ KAFKA_LOG_DIRS: '/a', KAFKA_UNDER__SCORE: 'b', KAFKA_WITH___DASH: 'c' })
})

function apisWith(metadataVersion?: number): BrokerApis {
  return {
    newest: new Map([[0, 9]]),
    features: new Map(metadataVersion === undefined ? [] : [['metadata.version', metadataVersion]]),
  }
}
