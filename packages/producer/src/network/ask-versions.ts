import {
  apiVersions,
  codecFor,
  decodeResponseFrame,
  Reader,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  type ApiCodec,
} from '@linger/protocol'

/** The newest we speak, and what a new broker is asked in. */
export const API_VERSIONS_NEWEST = 4

const UNSUPPORTED_VERSION = 35

/** Who we are, to brokers from 2.4 on (KIP-511). */
export const CLIENT: ApiVersionsRequest = { clientSoftwareName: 'linger', clientSoftwareVersion: '0.1.0' }

type Ask = (
  codec: ApiCodec<typeof apiVersions>,
  message: ApiVersionsRequest,
  onResponse: (frame: Uint8Array) => void,
) => void

/**
 * Asks which versions the broker speaks. A broker that does not know our version of the question answers in
 * version 0 with error 35 and what it knows; then the question is asked once more, only ever lower.
 *
 * @source KIP-511
 */
export function askVersions(version: number, ask: Ask, onAnswer: (response: ApiVersionsResponse) => void): void {
  ask(codecFor(apiVersions, version), CLIENT, (frame) => {
    const response = decodeApiVersions(frame, version)
    if (response.errorCode === UNSUPPORTED_VERSION && version > 0) {
      const known = response.apiKeys.find(({ apiKey }) => apiKey === apiVersions.apiKey)?.maxVersion ?? 0
      askVersions(Math.max(0, Math.min(known, version - 1)), ask, onAnswer)
    } else {
      onAnswer(response)
    }
  })
}

/** An UNSUPPORTED_VERSION answer is written in version 0, whatever was asked. */
function decodeApiVersions(frame: Uint8Array, version: number): ApiVersionsResponse {
  const reader = new Reader(frame)
  reader.int32() // the correlation id: the header of this answer is the same in all versions
  const spoken = reader.int16() === UNSUPPORTED_VERSION ? 0 : version
  return decodeResponseFrame(codecFor(apiVersions, spoken), frame).response
}
