import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cached } from './cache-directory.ts'

describe('a cached folder', () => {
  let cache: string

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'linger-cache-'))
    vi.stubEnv('XDG_CACHE_HOME', cache)
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(cache, { recursive: true, force: true })
  })

  test('is filled once', async () => {
    const fill = vi.fn<(folder: string) => Promise<void>>(async (folder) => writeFile(join(folder, 'a'), '1'))
    const folder = await cached('x', fill)
    expect(await cached('x', fill)).toBe(folder)
    expect(fill).toHaveBeenCalledTimes(1)
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('1')
  })

  test('that could not be filled leaves nothing behind and is filled the next time', async () => {
    const cut = cached('x', async (folder) => {
      await writeFile(join(folder, 'half'), '')
      throw new Error('cut')
    })
    await expect(cut).rejects.toThrow('cut')
    expect(await readdir(join(cache, 'linger'))).toEqual([])

    const folder = await cached('x', async (filling) => writeFile(join(filling, 'whole'), ''))
    expect(await readdir(folder)).toEqual(['whole'])
  })

  test('filled by two at once is that of the first, whole', async () => {
    const both = Array.from({ length: 2 }, async (_, index) =>
      cached('x', async (filling) => {
        await writeFile(join(filling, `by-${index}`), '')
      }),
    )
    const [folder = ''] = await Promise.all(both)
    expect(await readdir(folder)).toHaveLength(1)
    expect(await readdir(join(cache, 'linger'))).toEqual(['x'])
  })
})
