import { Timeline } from '../../packages/producer/test/world/timeline.ts'
import { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { ProducerProcess } from './producer-process.ts'
import { Stream } from './record-stream.ts'

/** A stream without a history around it: for tests of who judges streams. */
export function loneStream(name: string, nowMs: () => number): Stream {
  const records = new SelfDescribingRecords({ runId: 1, producer: 4, topics: [{ name: 't', partitionCount: 1 }] })
  const process = new ProducerProcess(0, new Timeline(), false)
  return new Stream(name, records, Infinity, { process, nowMs, note: () => {} })
}
