import { ProtocolError } from '../wire/protocol-error.ts'
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { decoderFor } from './decode.ts'
import { encoderFor, type Layout } from './encode.ts'
import type { Api, RequestInput, RequestOf, ResponseInput, ResponseOf } from './schema.ts'
import { includesVersion } from './version-range.ts'

/** Reads and writes the bodies of one API at one version. */
export interface ApiCodec<A extends Api = Api> {
  readonly api: A
  readonly version: number
  readonly requestHeaderVersion: 1 | 2
  readonly responseHeaderVersion: 0 | 1
  encodeRequest(writer: Writer, input: RequestInput<A>): void
  decodeRequest(reader: Reader): RequestOf<A>
  encodeResponse(writer: Writer, input: ResponseInput<A>): void
  decodeResponse(reader: Reader): ResponseOf<A>
}

const API_VERSIONS_KEY = 18
const built = new WeakMap<Api, Map<number, ApiCodec>>()

/**
 * The codec of an API at a version. Built at the first call, then the same one.
 *
 * @throws ProtocolError UNSUPPORTED_VERSION when the schema does not describe that version
 */
export function codecFor<A extends Api>(api: A, version: number): ApiCodec<A> {
  const versions = built.get(api) ?? new Map<number, ApiCodec>()
  built.set(api, versions)
  const codec = versions.get(version) ?? buildCodec(api, version)
  versions.set(version, codec)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kept under the API itself, so it has its type
  return codec as unknown as ApiCodec<A>
}

export function isFlexible(api: Api, version: number): boolean {
  return api.flexible !== 'none' && includesVersion(api.flexible, version)
}

function buildCodec(api: Api, version: number): ApiCodec {
  if (!includesVersion(api.versions, version)) {
    throw new ProtocolError(
      'UNSUPPORTED_VERSION',
      `${api.name} version ${version}: only ${api.versions} are spoken here`,
    )
  }
  const flexible = isFlexible(api, version)
  const layout: Layout = { version, flexible }
  return {
    api,
    version,
    requestHeaderVersion: flexible ? 2 : 1,
    // A client that asks ApiVersions does not know yet what the broker speaks, so the answer's header never changed.
    responseHeaderVersion: flexible && api.apiKey !== API_VERSIONS_KEY ? 1 : 0,
    encodeRequest: encoderFor(api.request, layout),
    decodeRequest: decoderFor(api.request, layout),
    encodeResponse: encoderFor(api.response, layout),
    decodeResponse: decoderFor(api.response, layout),
  }
}
