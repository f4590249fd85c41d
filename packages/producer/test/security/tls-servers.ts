import { once } from 'node:events'
import type { Server } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions as ServerOptions } from 'node:tls'
import { KafkaError, Producer, type ProducerConfig, type SslConfig, type TlsOptions } from '../../src/index.ts'
import { TcpNetwork } from '../../src/ports/node/tcp-network.ts'

/** Sockets of either side, and servers, until `closeAll()`. */
export const open: { destroy(): void }[] = []
const servers: Server[] = []

export function closeAll(): void {
  for (const one of open.splice(0)) one.destroy()
  for (const server of servers.splice(0)) server.close()
}

/** A TLS server that says nothing of itself; what clients say is kept. */
export async function listen(options: ServerOptions): Promise<{ port: number; names: unknown[]; heard: Buffer[] }> {
  const names: unknown[] = []
  const heard: Buffer[] = []
  const server = createServer(options, (socket: TLSSocket) => {
    open.push(socket)
    names.push(socket.servername)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => void heard.push(chunk))
  })
  server.on('tlsClientError', () => {})
  return { port: await portOf(server), names, heard }
}

export async function portOf(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

/** 'connected', or why not. */
export function connect(port: number, host: string, options: TlsOptions): Promise<string> {
  return new Promise((resolve) => {
    const events = {
      onConnected: () => resolve('connected'),
      onData: () => {},
      onWritten: () => {},
      onClosed: (error: Error | undefined) => resolve(error?.message ?? 'closed'),
    }
    const tls = { host, options: () => options }
    open.push(new TcpNetwork().connect({ host: '127.0.0.1', port }, events, tls))
  })
}

/** Why a producer of this machine's cannot connect. */
export async function connectProducer(
  port: number,
  ssl: SslConfig,
  config: Partial<ProducerConfig> = {},
): Promise<{ error: KafkaError }> {
  const producer = new Producer({
    bootstrapServers: `localhost:${port}`,
    securityProtocol: 'SSL',
    ssl,
    ...config,
  })
  try {
    await producer.connect({ timeoutMs: 20_000 })
  } catch (error) {
    if (error instanceof KafkaError) return { error }
    throw error
  } finally {
    await producer.close({ timeoutMs: 0 })
  }
  throw new Error('it connected')
}
