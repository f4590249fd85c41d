/** A point of a metric, as MetricsData of OpenTelemetry has it. */
export interface ReadPoint {
  readonly name: string
  readonly kind: 'gauge' | 'sum'
  /** 1: delta, 2: cumulative; undefined for a gauge. */
  readonly temporality: number | undefined
  readonly isMonotonic: boolean | undefined
  readonly attributes: Readonly<Record<string, string>>
  readonly value: number
  /** Nanoseconds since 1970. */
  readonly startTime: bigint
  readonly time: bigint
}

interface Message {
  /** By number, in the order of the bytes: numbers, or bytes of 8 or any size. */
  readonly fields: ReadonlyMap<number, readonly (number | Buffer)[]>
}

const VARINT = 0
const EIGHT_BYTES = 1
const BYTES = 2

/**
 * Reads MetricsData with gauges and sums, by the numbers of opentelemetry/proto/metrics/v1/metrics.proto and without any
 * code of OpenTelemetry's.
 */
export function readMetricsData(bytes: Uint8Array): { points: ReadPoint[]; labels: Record<string, string> } {
  const points: ReadPoint[] = []
  const labels: Record<string, string> = {}
  for (const resourceMetrics of messagesOf(messageIn(Buffer.from(bytes)), 1)) {
    for (const resource of messagesOf(resourceMetrics, 1)) Object.assign(labels, attributesOf(resource, 1))
    for (const scopeMetrics of messagesOf(resourceMetrics, 2)) {
      for (const metric of messagesOf(scopeMetrics, 2)) points.push(...pointsOf(metric))
    }
  }
  return { points, labels }
}

function pointsOf(metric: Message): ReadPoint[] {
  const name = textOf(metric, 1)
  const [gauge] = messagesOf(metric, 5)
  const [sum] = messagesOf(metric, 7)
  const data = gauge ?? sum
  if (data === undefined) throw new Error(`${name} is neither a gauge nor a sum`)
  return messagesOf(data, 1).map((point) => ({
    name,
    kind: sum === undefined ? 'gauge' : 'sum',
    temporality: sum && numberOf(sum, 2),
    isMonotonic: sum && numberOf(sum, 3) === 1,
    attributes: attributesOf(point, 7),
    value: bytesOf(point, 4).readDoubleLE(),
    startTime: bytesOf(point, 2).readBigUInt64LE(),
    time: bytesOf(point, 3).readBigUInt64LE(),
  }))
}

function attributesOf(message: Message, field: number): Record<string, string> {
  return Object.fromEntries(
    messagesOf(message, field).map((pair) => {
      const [value] = messagesOf(pair, 2)
      return [textOf(pair, 1), value === undefined ? '' : textOf(value, 1)]
    }),
  )
}

function messagesOf({ fields }: Message, field: number): Message[] {
  return (fields.get(field) ?? []).map((value) => messageIn(Buffer.from(asBytes(value))))
}

function textOf(message: Message, field: number): string {
  return bytesOf(message, field).toString()
}

function bytesOf({ fields }: Message, field: number): Buffer {
  return asBytes(fields.get(field)?.[0])
}

function numberOf({ fields }: Message, field: number): number {
  const value = fields.get(field)?.[0]
  if (typeof value !== 'number') throw new Error(`field ${field} is no number`)
  return value
}

function asBytes(value: number | Buffer | undefined): Buffer {
  if (!Buffer.isBuffer(value)) throw new Error('a field has no bytes')
  return value
}

function messageIn(bytes: Buffer): Message {
  const fields = new Map<number, (number | Buffer)[]>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  const take = (size: number): Buffer => {
    at += size
    if (at > bytes.length) throw new Error('a field is longer than its message')
    return bytes.subarray(at - size, at)
  }
  while (at < bytes.length) {
    const tag = varint()
    const type = tag % 8
    const value =
      type === VARINT ? varint() : type === EIGHT_BYTES ? take(8) : type === BYTES ? take(varint()) : undefined
    if (value === undefined) throw new Error(`a field of the type ${type}`)
    const field = Math.floor(tag / 8)
    fields.set(field, [...(fields.get(field) ?? []), value])
  }
  return { fields }
}
