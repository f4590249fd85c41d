import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface EmbeddedBrokerProcess {
  readonly bootstrapServers: string
  stop(): Promise<void>
}

/** Starts the embedded broker in a process of its own, so that it does not take the producer's time. */
export async function startEmbeddedBroker(): Promise<EmbeddedBrokerProcess> {
  const program = fileURLToPath(new URL('broker-process.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => String(line))
  const bootstrapServers = await Promise.race([
    ready,
    exited.then(([code]) => {
      throw new Error(`the embedded broker ended with ${String(code)} while it started`)
    }),
  ])
  return {
    bootstrapServers,
    stop: async () => {
      child.kill('SIGKILL') // it keeps nothing that could be saved
      await exited
    },
  }
}
