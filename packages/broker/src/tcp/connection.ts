import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { EmbeddedBroker } from '../broker.ts'
import type { ClientEnd, ConnectionOptions } from '../connection/broker-connection.ts'

/** Connects a socket to a broker. */
export function serve(socket: Duplex, broker: EmbeddedBroker, options: ConnectionOptions): void {
  const connection = broker.accept(clientEnd(socket), options)
  socket.on('data', (chunk: Buffer) => {
    // All answers to one chunk leave together.
    socket.cork()
    connection.receive(chunk)
    socket.uncork()
  })
  socket.on('drain', () => connection.onDrained())
  socket.on('error', (error) => options.log(`connection lost: ${error.message}`))
  socket.on('close', () => connection.onClosed())
}

/** A socket as a broker's connection uses it. */
export function clientEnd(socket: Duplex): ClientEnd {
  return {
    write: (bytes) => socket.write(bytes),
    close: () => {
      if (socket.writableLength === 0) socket.destroy()
      else socket.end(() => socket.destroy())
    },
    reset: () => {
      // Node forgets a socket that is reset while its FIN waits for bytes to leave, without closing it.
      // @source libuv uv_tcp_close_reset: UV_EINVAL while the stream is shutting down
      const isShuttingDown = socket.writableEnded && !socket.writableFinished
      if (socket instanceof Socket && !isShuttingDown) socket.resetAndDestroy()
      else socket.destroy()
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  }
}
