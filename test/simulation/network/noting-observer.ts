import { apiForKey, crc32c } from '@linger/protocol'
import type { NetworkObserver, ObservedConnection } from './simulated-network.ts'

/** Writes down what is seen, with the bytes as a checksum, and passes it on to those that judge it. */
export function notingObserver(
  note: (what: string, about: string) => void,
  judges: readonly NetworkObserver[],
): NetworkObserver {
  const noteBytes = (what: string, { id }: ObservedConnection, bytes: Buffer): void =>
    note(what, `connection ${id}: ${bytes.length} bytes, checksum ${crc32c(bytes)}`)
  return {
    onWrite: (connection, bytes) => {
      const apiKey = bytes.readInt16BE(4)
      noteBytes(`write ${apiForKey(apiKey)?.name ?? apiKey}`, connection, bytes)
      for (const judge of judges) judge.onWrite(connection, bytes)
    },
    onReceived: (connection, piece) => {
      noteBytes('received', connection, piece)
      for (const judge of judges) judge.onReceived(connection, piece)
    },
    onClosed: (connection) => {
      note('closed', `connection ${connection.id}`)
      for (const judge of judges) judge.onClosed(connection)
    },
  }
}
