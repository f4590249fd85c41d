import type { Socket as NodeSocket } from 'node:net'

const JOINED_BYTES_MAX = 4096

/** Carries the callback of a write of several buffers. */
const NOTHING = Buffer.alloc(0)

/** Hands buffers to a socket in one write. */
export function writeTo(
  socket: NodeSocket,
  buffers: readonly Uint8Array[],
  onWritten: (error?: Error | null) => void,
): void {
  if (isSmall(buffers)) {
    socket.write(Buffer.concat(buffers), onWritten)
    return
  }
  socket.cork() // one writev for all of them
  for (const buffer of buffers) socket.write(buffer)
  socket.write(NOTHING, onWritten)
  socket.uncork()
}

/** Copying this little into one buffer costs less than handing over a list. */
function isSmall(buffers: readonly Uint8Array[]): boolean {
  let sizeBytes = 0
  for (const { length } of buffers) {
    sizeBytes += length
    if (sizeBytes > JOINED_BYTES_MAX) return false
  }
  return true
}
