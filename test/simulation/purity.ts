import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import timers from 'node:timers'
import tls from 'node:tls'

/** Calls that were made although a simulation was running. */
const calls: string[] = []

/**
 * From now on nothing in this thread reads a clock, sets a timer, draws chance, opens a socket or asks for a name: whoever
 * tries, throws. The engine does all of that through its ports.
 */
export function forbidImpurity(): void {
  forbid(globalThis, ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'])
  forbid(timers, ['setTimeout', 'setInterval', 'setImmediate'])
  forbid(Math, ['random'])
  forbid(performance, ['now'])
  forbid(process, ['hrtime', 'nextTick', 'uptime'])
  forbid(crypto, ['getRandomValues', 'randomUUID'])
  forbid(net, ['connect', 'createConnection', 'Socket', 'createServer'])
  forbid(tls, ['connect', 'TLSSocket'])
  forbid(dns, ['lookup', 'resolve', 'resolve4', 'resolve6'])
  syncBuiltinESMExports()
}

/** What was called since the last time: a throw may have been caught. */
export function takeImpureCalls(): string[] {
  return calls.splice(0)
}

function forbid(owner: object, names: readonly string[]): void {
  for (const name of names) {
    const forbidden = function (): never {
      calls.push(name)
      throw new Error(`${name} is called during a simulation: take it through a port`)
    }
    Object.assign(forbidden, { now: forbidden })
    Object.defineProperty(owner, name, { value: forbidden, configurable: true, writable: true })
  }
}
