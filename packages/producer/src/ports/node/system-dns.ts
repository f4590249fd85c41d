import type { LookupAddress } from 'node:dns'
import type { Dns } from '../dns.ts'

/** The operating system's resolver, which also knows what only this machine knows. It has no timeout of its own. */
export class SystemDns implements Dns {
  lookup(host: string, onAnswer: (error: Error | undefined, addresses: readonly string[]) => void): void {
    if (process.getBuiltinModule('node:net').isIP(host) !== 0) {
      process.nextTick(onAnswer, undefined, [host])
      return
    }
    const tell = (error: Error | null, addresses: readonly LookupAddress[]): void =>
      onAnswer(error ?? undefined, error === null ? addresses.map(({ address }) => address) : [])
    try {
      if (host === '') throw new Error('it is empty') // Node would answer with this machine
      process.getBuiltinModule('node:dns').lookup(host, { all: true }, tell)
    } catch (error) {
      process.nextTick(tell, error, [])
    }
  }
}
