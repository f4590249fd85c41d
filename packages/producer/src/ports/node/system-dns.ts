import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { Dns } from '../dns.ts'

/** The operating system's resolver. */
export class SystemDns implements Dns {
  lookup(host: string, onAnswer: (error: Error | undefined, addresses: readonly string[]) => void): void {
    if (isIP(host) !== 0) {
      process.nextTick(onAnswer, undefined, [host])
      return
    }
    lookup(host, { all: true }, (error, addresses) => {
      if (error !== null) onAnswer(error, [])
      else
        onAnswer(
          undefined,
          addresses.map(({ address }) => address),
        )
    })
  }
}
