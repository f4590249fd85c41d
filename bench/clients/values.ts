import type { Workload } from '../workload.ts'

/** So many that no batch has one twice, also of those that take every sixth: 10,007 is a prime number. */
const DOCUMENTS = 10_007
const WORDS =
  'order customer street item parcel red small paid open north river late gift return note door between after morning'.split(
    ' ',
  )

/** The value of the next record. */
export function valuesFor({ values, valueBytes }: Workload): () => Buffer {
  if (values === 'filler') {
    const value = Buffer.alloc(valueBytes, 'x')
    return () => value
  }
  const documents = jsonDocuments(valueBytes)
  let last = -1
  return () => {
    last = last + 1 === documents.length ? 0 : last + 1
    return documents[last] ?? Buffer.alloc(0)
  }
}

/** Orders as a shop would send them, the same in every run: names repeat, numbers and ids do not. */
export function jsonDocuments(valueBytes: number): readonly Buffer[] {
  const random = randomFrom(1)
  // In one piece, so that a garbage collector has next to nothing to do with them.
  const bytes = Buffer.allocUnsafeSlow(DOCUMENTS * valueBytes)
  return Array.from({ length: DOCUMENTS }, (_, index) => {
    const document = bytes.subarray(index * valueBytes, (index + 1) * valueBytes)
    document.write(orderOf(index, valueBytes, random))
    return document
  })
}

function orderOf(index: number, valueBytes: number, random: () => number): string {
  const number = (below: number): number => Math.floor(random() * below)
  const id = (): string => number(2 ** 32).toString(16) + number(2 ** 32).toString(16)
  const order = {
    orderId: 1_000_000 + index,
    requestId: `${id()}-${id()}`,
    customer: { id: id(), country: ['DE', 'FR', 'US', 'JP'][number(4)], isRegular: number(2) === 1 },
    createdAt: new Date(1_780_000_000_000 + number(1e9)).toISOString(),
    status: ['OPEN', 'PAID', 'SENT'][number(3)],
    items: Array.from({ length: 8 }, () => ({
      sku: `SKU-${number(1e6)}`,
      quantity: number(9),
      price: number(1e5) / 100,
    })),
  }
  const missing = valueBytes - Buffer.byteLength(JSON.stringify({ ...order, note: '' }))
  if (missing < 0) throw new RangeError(`a document of ${valueBytes} bytes: it needs ${valueBytes - missing}`)
  return JSON.stringify({ ...order, note: words(missing, random) })
}

function words(length: number, random: () => number): string {
  let text = ''
  while (text.length < length) text += `${WORDS[Math.floor(random() * WORDS.length)]} `
  return text.slice(0, length)
}

/** @source Numerical Recipes, a linear congruential generator */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
