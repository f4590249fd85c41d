import { once } from 'node:events'
import { createServer } from 'node:net'

// Below Linux's ephemeral range (32768-60999): a port there may become the local end of some client's connection
// between our look and the broker's bind, or while a broker of a cluster is down.
const PORT_MIN = 20_000
const PORT_COUNT = 12_000
const TRIES_MAX = 100

/** `count` different ports of 127.0.0.1 on which nothing listens now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  for (let tries = 0; tries < TRIES_MAX && ports.size < count; tries++) {
    const port = PORT_MIN + Math.floor(Math.random() * PORT_COUNT)
    if (await isFree(port)) ports.add(port)
  }
  if (ports.size < count) throw new Error(`no ${count} free ports on 127.0.0.1 in ${TRIES_MAX} tries`)
  return [...ports]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
