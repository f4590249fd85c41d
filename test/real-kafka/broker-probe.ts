import { connect } from 'node:net'

const API_METADATA = 3
const API_API_VERSIONS = 18

/** What a broker says of itself in ApiVersions. */
export interface BrokerApis {
  /** The newest version of each API, by API key. */
  readonly newest: ReadonlyMap<number, number>
  /** The newest level of each feature that the broker's software knows, e.g. metadata.version. */
  readonly features: ReadonlyMap<string, number>
}

/**
 * How many brokers the broker at `address` sees alive.
 *
 * Written by hand, as all here: whether Kafka is up must not depend on the protocol code under test.
 */
export async function aliveBrokers(address: string, timeoutMs: number): Promise<number> {
  const noTopics = Buffer.from([0, 0, 0, 0, 0]) // version 4: an empty list, no auto-creation
  const response = await ask(address, API_METADATA, 4, noTopics, timeoutMs)
  return response.readInt32BE(4) // after throttleTimeMs
}

/** Asks for ApiVersions 3, which Kafka answers since 2.4; empty when an older broker refuses it. */
export async function brokerApis(address: string, timeoutMs: number): Promise<BrokerApis> {
  const body = Buffer.from('\0\x07linger\x021\0', 'latin1') // header tags, software name and version, tags
  return parseApis(await ask(address, API_API_VERSIONS, 3, body, timeoutMs))
}

function parseApis(response: Buffer): BrokerApis {
  const newest = new Map<number, number>()
  const features = new Map<string, number>()
  if (response.readInt16BE(0) !== 0) return { newest, features }

  let at = 2
  const uvarint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = response.readUInt8(at++)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  for (let left = uvarint() - 1; left > 0; left--, at += 7) {
    newest.set(response.readInt16BE(at), response.readInt16BE(at + 4)) // key, min, max, tags
  }
  at += 4 // throttleTimeMs
  for (let tags = uvarint(); tags > 0; tags--) {
    const tag = uvarint()
    const end = uvarint() + at
    if (tag === 0) {
      for (let left = uvarint() - 1; left > 0; left--, at += 5) {
        const size = uvarint() - 1
        features.set(response.toString('utf8', at, at + size), response.readInt16BE(at + size + 2)) // name, min, max, tags
        at += size
      }
    }
    at = end
  }
  return { newest, features }
}

/** One request on a connection of its own; the response's body after the correlation id. */
async function ask(address: string, apiKey: number, version: number, body: Buffer, timeoutMs: number): Promise<Buffer> {
  const colon = address.lastIndexOf(':')
  const header = Buffer.alloc(14)
  header.writeInt32BE(10 + body.length, 0)
  header.writeInt16BE(apiKey, 4)
  header.writeInt16BE(version, 6)
  header.writeInt32BE(1, 8)
  header.writeInt16BE(-1, 12) // no client id

  const socket = connect({
    host: address.slice(0, colon),
    port: Number(address.slice(colon + 1)),
    signal: AbortSignal.timeout(timeoutMs),
  })
  socket.write(Buffer.concat([header, body]))
  let answer = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    answer = Buffer.concat([answer, chunk])
    if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) return answer.subarray(8)
  }
  throw new Error(`${address} closed the connection without an answer`)
}
