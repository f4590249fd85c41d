import { decompress } from '@linger/compression'
import type { BatchCodec, Compression, CompressionName } from '@linger/producer'
import { compressionNames, userCodec, type CompressionCodec } from './compression-codecs.ts'

/**
 * The engine's compression, with the codecs that stand in CompressionCodecs in the place of its own.
 *
 * What the engine takes apart again is decompressed without them: the framing is Kafka's, whoever wrote it, and no
 * library is needed for that, which may be what the user's codec stands in for.
 */
export class CompressionWithUserCodecs implements Compression {
  readonly #engines: Compression

  constructor(engines: Compression) {
    this.#engines = engines
  }

  codecFor(name: CompressionName, level: number | undefined): BatchCodec {
    const type = Number(Object.keys(compressionNames).find((number) => compressionNames[Number(number)] === name))
    const codec = userCodec(type)
    return codec === undefined ? this.#engines.codecFor(name, level) : asBatchCodec(name, type, codec)
  }
}

function asBatchCodec(name: CompressionName, id: number, codec: CompressionCodec): BatchCodec {
  return {
    id,
    poolFromBytes: 0,
    compressSync: undefined,
    compress: (pieces, onDone) => {
      compressed(codec, pieces).then(onDone, () => onDone(undefined))
    },
    decompress: (bytes, maxBytes) => decompress(name, bytes, { maxBytes }),
  }
}

async function compressed(codec: CompressionCodec, pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  return codec.compress({ buffer: Buffer.concat(pieces) })
}
