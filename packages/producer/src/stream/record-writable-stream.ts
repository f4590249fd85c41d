import type { GivenRecord } from '../record/producer-record.ts'
import { StreamedRecords, type StreamSink, type WritableOptions } from './streamed-records.ts'

/** Records as a stream of the web's: it takes them as there is room, and closes when all are acknowledged. */
export function recordWritableStream<Item extends GivenRecord>(
  sink: StreamSink,
  options: WritableOptions<Item>,
): WritableStream<Item> {
  let end = (_error: Error): void => {}
  const records = new StreamedRecords<Item>(sink, options, (error) => end(error))
  return new WritableStream<Item>(
    {
      start: (controller) => {
        end = (error) => controller.error(error)
      },
      write: (record) => records.take(record),
      close: () => records.flush(),
      abort: () => {
        records.isEnded = true
      },
    },
    { highWaterMark: options.highWaterMark ?? HIGH_WATER_MARK },
  )
}

/** As Node's streams of objects have it. */
const HIGH_WATER_MARK = 16
