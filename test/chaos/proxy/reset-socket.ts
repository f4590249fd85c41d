import type { Socket } from 'node:net'

/**
 * Ends a socket by an RST, if that can be done.
 *
 * One that still connects would be reset only when it has connected. One whose FIN still waits for its bytes to leave
 * cannot be reset, and Node then forgets it without closing it: at its end the process would wait for it for ever.
 *
 * @source libuv uv_tcp_close_reset: UV_EINVAL while the stream is shutting down
 */
export function resetSocket(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished
  if (socket.connecting || isShuttingDown) socket.destroy()
  else socket.resetAndDestroy()
}
