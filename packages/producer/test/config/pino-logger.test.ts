import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { World } from '../world/world.ts'

test('pino is a logger as it is', () => {
  const lines: string[] = []
  const destination = new Writable({
    write(line: Buffer, _encoding, onWritten) {
      lines.push(line.toString())
      onWritten()
    },
  })
  new World().producer({ acks: 0, logger: pino({ name: 'shop' }, destination) })
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 40, name: 'shop', msg: 'linger: idempotence is off because of acks 0: a retry may write records twice' },
  ])
})
