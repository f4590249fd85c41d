import { getHeapStatistics } from 'node:v8'

/** Of objects and of buffers; it counts what nobody holds any more too, until it is collected. */
export function takenBytes(): number {
  const { used_heap_size: heapBytes, external_memory: externalBytes } = getHeapStatistics()
  return heapBytes + externalBytes
}
