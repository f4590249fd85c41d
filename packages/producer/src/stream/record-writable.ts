import type { Writable } from 'node:stream'
import { loadWritable } from '../ports/node/node-writable.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import { StreamedRecords, type StreamSink, type WritableOptions } from './streamed-records.ts'

type GoOn = (error?: Error | null) => void

/** Records as a stream of Node's: it takes them as there is room, and finishes when all are acknowledged. */
export function recordWritable<Item extends GivenRecord>(sink: StreamSink, options: WritableOptions<Item>): Writable {
  const records = new StreamedRecords<Item>(sink, options, (error) => writable.destroy(error))
  const WritableOfNode = loadWritable()
  const writable = new WritableOfNode({
    objectMode: true,
    ...(options.highWaterMark === undefined ? {} : { highWaterMark: options.highWaterMark }),
    write: (record: Item, _encoding, goOn: GoOn) => {
      try {
        const taken = records.take(record)
        if (taken === undefined) goOn()
        else taken.then(() => goOn(), goOn)
      } catch (error) {
        goOn(error as Error) // the producer is closed
      }
    },
    final: (goOn: GoOn) => void records.flush().then(() => goOn(), goOn),
    destroy: (error, done) => {
      records.isEnded = true
      done(error)
    },
  })
  return writable
}
