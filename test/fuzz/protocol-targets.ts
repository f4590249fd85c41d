import { decompress } from '@linger/compression'
import {
  type Api,
  apis,
  codecFor,
  crc32c,
  decodeRequest,
  decodeRequestHeader,
  decodeResponseFrame,
  FrameReader,
  ProtocolError,
  readRecordBatches,
} from '@linger/protocol'
import * as fc from 'fast-check'
import { goldenLines, goldenVectors } from '../../packages/protocol/test/golden-vectors.ts'
import { askVersions } from '../../packages/producer/src/network/ask-versions.ts'
import { damagedBytes } from './damaged-bytes.ts'
import { type FuzzTarget, fuzzTarget } from './fuzz-target.ts'

/** Longer vectors hold the same fields more often. */
const SAMPLE_BYTES_MAX = 4_096

const CRC_AT = 17
const CRC_COVERS_FROM = 21

const isProtocolError = (error: unknown): boolean => error instanceof ProtocolError

/** A stream in pieces: every frame that comes out is one that went in. */
const frameReader = fuzzTarget('frame reader', {
  inputs: fc.record({
    bytes: damagedBytes([
      { kind: 'stream', bytes: Buffer.from('00000003616263000000016400000000', 'hex') },
      { kind: 'stream', bytes: Buffer.concat([Buffer.from('00000400', 'hex'), Buffer.alloc(1024, 1)]) },
    ]).map(({ bytes }) => bytes),
    pieceBytes: fc.integer({ min: 1, max: 2_000 }),
  }),
  read: ({ bytes, pieceBytes }) => {
    const reader = new FrameReader({ maxFrameBytes: 100_000 })
    let leftBytes = bytes.length
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      reader.push(bytes.subarray(at, at + pieceBytes), (frame) => {
        leftBytes -= 4 + frame.length
        if (leftBytes < 0) throw new TypeError('more bytes of frames than there were')
      })
    }
  },
  isRefusal: isProtocolError,
})

/** A message of an API: an answer with its header, or a request's body, as Java wrote them and then not quite. */
function messagesOf(api: Api): FuzzTarget {
  const samples = goldenVectors(api)
    .filter(({ bytes }) => bytes.length <= SAMPLE_BYTES_MAX)
    .map(({ direction, version, bytes }) => {
      const codec = codecFor(api, version)
      const headerBytes = direction === 'request' ? 0 : codec.responseHeaderVersion === 1 ? 5 : 4
      return { kind: { direction, codec }, bytes: Buffer.concat([Buffer.alloc(headerBytes), bytes]) }
    })
  return fuzzTarget(`${api.name} messages`, {
    inputs: damagedBytes(samples),
    read: ({ kind: { direction, codec }, bytes }) =>
      direction === 'request' ? decodeRequest(codec, bytes, 0) : decodeResponseFrame(codec, bytes),
    isRefusal: isProtocolError,
  })
}

const requestHeader = fuzzTarget('request header', {
  inputs: damagedBytes([{ kind: 'header', bytes: Buffer.from('0003000c00000001000570726f643100', 'hex') }]),
  read: ({ bytes }) => decodeRequestHeader(bytes),
  isRefusal: isProtocolError,
})

/** The first answer of a connection, of a version that is not known yet. */
const versionsAnswer = fuzzTarget('answer to the question for versions', {
  inputs: damagedBytes([
    {
      kind: 4,
      bytes: Buffer.from('00000001 0000 02 0003 0000 000d 00 00000000 00'.replaceAll(' ', ''), 'hex'),
    },
    { kind: 4, bytes: Buffer.from('00000001 0023 00000001 0012 0000 0003'.replaceAll(' ', ''), 'hex') },
  ]),
  read: ({ kind, bytes }) =>
    askVersions(
      kind,
      (_codec, _message, onResponse) => onResponse(bytes),
      () => {},
    ),
  isRefusal: isProtocolError,
})

interface GoldenBatch {
  readonly bytes: string
}

/** With a checksum that is right, as a hostile peer can make it, and with one that is not. */
const recordBatches = fuzzTarget('record batches', {
  inputs: fc
    .tuple(
      damagedBytes(
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what test/java/GoldenRecordBatches.java writes
        (goldenLines('record-batches.jsonl') as GoldenBatch[])
          .map(({ bytes }) => ({ kind: 'batch', bytes: Buffer.from(bytes, 'base64') }))
          .filter(({ bytes }) => bytes.length <= SAMPLE_BYTES_MAX),
      ),
      fc.boolean(),
    )
    .map(([{ bytes }, isForged]) => {
      const forged = Buffer.from(bytes)
      if (isForged && forged.length > CRC_COVERS_FROM) {
        forged.writeInt32BE(forged.length - 12, 8)
        forged.writeUInt32BE(crc32c(forged.subarray(CRC_COVERS_FROM)), CRC_AT)
      }
      return forged
    }),
  read: (bytes) =>
    readRecordBatches(bytes, { decompress: (type, content) => decompress(type, content, { maxBytes: 65_536 }) }),
  isRefusal: isProtocolError,
})

export const protocolTargets: readonly FuzzTarget[] = [
  frameReader,
  requestHeader,
  versionsAnswer,
  ...apis.map(messagesOf),
  recordBatches,
]
