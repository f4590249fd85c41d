import { expect, describe, test } from 'vitest'
import { SystemDns } from '../../../src/ports/node/system-dns.ts'

interface Answer {
  readonly error: Error | undefined
  readonly addresses: readonly string[]
  /** It came inside the call. */
  readonly cameAtOnce: boolean
}

function lookup(host: string): Promise<Answer> {
  return new Promise((resolve) => {
    let cameAtOnce = true
    new SystemDns().lookup(host, (error, addresses) => resolve({ error, addresses, cameAtOnce }))
    cameAtOnce = false
  })
}

describe('fault 73: names', () => {
  test.each(['127.0.0.1', '::1', 'fe80::1%lo'])('the address %s answers itself, later', async (address) => {
    expect(await lookup(address)).toEqual({ error: undefined, addresses: [address], cameAtOnce: false })
  })

  test('localhost has the loopback address', async () => {
    const { error, addresses } = await lookup('localhost')
    expect(error).toBeUndefined()
    expect(addresses.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true)
  })

  test.each([
    ['no name at all', ''],
    ['a name longer than names can be', `${'x'.repeat(300)}.invalid`],
    ['a name with a zero byte', 'broker\0.invalid'],
  ])('%s is an error, later, and not this machine', async (_what, host) => {
    const { error, addresses, cameAtOnce } = await lookup(host)
    expect(error).toBeInstanceOf(Error)
    expect(addresses).toEqual([])
    expect(cameAtOnce).toBe(false)
  })
})
