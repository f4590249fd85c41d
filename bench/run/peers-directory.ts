import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where clients that are no dependency of this repository are installed, and where the compiled ones are kept. */
export function peersDirectory(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return process.env['LINGER_PEERS'] ?? join(cache, 'linger', 'peers')
}
