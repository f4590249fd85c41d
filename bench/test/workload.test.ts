import { expect, test } from 'vitest'
import { parseMeasurement } from '../workload.ts'

const measurement = {
  records: 10,
  recordsBefore: 1,
  failed: 0,
  seconds: 1.5,
  cpuSeconds: 0.5,
  peakRssBytes: 1_000,
  settings: { acks: 'all' },
}

test('a measurement is what a client printed', () => {
  expect(parseMeasurement(JSON.stringify(measurement))).toEqual(measurement)
})

test.each(['records', 'cpuSeconds', 'peakRssBytes'])('a line without %s is no measurement', (name) => {
  const rest = Object.fromEntries(Object.entries(measurement).filter(([key]) => key !== name))
  expect(() => parseMeasurement(JSON.stringify(rest))).toThrow('not a measurement')
})

test('a figure that is null, as C and Go print what they could not measure, is refused', () => {
  expect(() => parseMeasurement(JSON.stringify({ ...measurement, seconds: null }))).toThrow('not a measurement')
})
