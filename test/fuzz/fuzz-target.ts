import * as fc from 'fast-check'
import { takenBytes } from '../../packages/protocol/test/taken-bytes.ts'

/** One reader of what others say, and what is thrown at it. */
export interface FuzzTarget {
  readonly name: string
  readonly property: fc.IAsyncProperty<unknown>
}

interface Reader<Input> {
  readonly inputs: fc.Arbitrary<Input>
  /** @throws whatever `isRefusal` knows, when the input is wrong */
  read(input: Input): unknown
  /** An error that says what is wrong with the input. Any other is a bug. */
  isRefusal(error: unknown): boolean
}

/** Beside the memory that goes with the input. */
const MEMORY_BYTES_MAX = 1024 * 1024
const MEMORY_PER_INPUT_BYTE = 4

/** Far from what any input here needs, on a machine that does other things too. */
const TIME_MS_MAX = 2_000

/** Until code is optimized it leaves garbage of its own, which is counted too. What an input takes it takes each time. */
const READINGS_MAX = 50

/** A reader that must bear anything: with a value or a refusal, in bounded memory and time. */
export function fuzzTarget<Input>(name: string, { inputs, read, isRefusal }: Reader<Input>): FuzzTarget {
  const bytesTakenBy = async (input: Input): Promise<number> => {
    const beforeBytes = takenBytes()
    try {
      await read(input)
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
    return takenBytes() - beforeBytes
  }
  const judge = async (input: Input): Promise<void> => {
    const allowedBytes = MEMORY_BYTES_MAX + MEMORY_PER_INPUT_BYTE * sizeOf(input)
    const startMs = performance.now()
    let bytes = await bytesTakenBy(input)
    const tookMs = performance.now() - startMs
    for (let count = 1; bytes > allowedBytes && count < READINGS_MAX; count++) {
      const again = await bytesTakenBy(input)
      if (again >= 0) bytes = Math.min(bytes, again) // less than nothing: garbage was collected meanwhile
    }
    if (bytes > allowedBytes) throw new Error(`${bytes} bytes of memory, where ${allowedBytes} are allowed`)
    if (tookMs > TIME_MS_MAX) throw new Error(`it took ${Math.round(tookMs)} ms`)
  }
  return { name, property: fc.asyncProperty(inputs, judge) as fc.IAsyncProperty<unknown> }
}

function sizeOf(input: unknown): number {
  if (input instanceof Uint8Array || typeof input === 'string') return input.length
  return typeof input === 'object' && input !== null && 'bytes' in input ? sizeOf(input.bytes) : 0
}
