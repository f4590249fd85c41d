import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where downloads and compiled Java classes live from run to run: outside the tree, shared by all checkouts. */
export function cacheDirectory(): string {
  const xdg = process.env['XDG_CACHE_HOME']
  return join(xdg === undefined || xdg === '' ? join(homedir(), '.cache') : xdg, 'linger')
}

/**
 * The cached folder `name`, made by `fill` the first time.
 *
 * `fill` works in a folder of its own, which gets its name only when it is complete: a download that was cut never
 * counts as cached, and of two runs that fill at once the first wins and the second uses that.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheDirectory(), name)
  if (await exists(folder)) return folder

  await mkdir(dirname(folder), { recursive: true })
  const filling = await mkdtemp(`${folder}.filling-`)
  try {
    await fill(filling)
    await rename(filling, folder)
  } catch (error) {
    await rm(filling, { recursive: true, force: true })
    if (!(await exists(folder))) throw error
  }
  return folder
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
