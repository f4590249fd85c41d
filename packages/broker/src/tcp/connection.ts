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

function clientEnd(socket: Duplex): ClientEnd {
  return {
    write: (bytes) => socket.write(bytes),
    close: () => {
      if (socket.writableLength === 0) socket.destroy()
      else socket.end(() => socket.destroy())
    },
    reset: () => {
      if (socket instanceof Socket) socket.resetAndDestroy()
      else socket.destroy()
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  }
}
