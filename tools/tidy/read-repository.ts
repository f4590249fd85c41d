import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Repository, SourceFile } from './repository.ts'

const LISTING_BYTES_MAX = 64 * 1024 * 1024

/** Reads the checkout at `root`: what is committed, and what would be with `git add .` */
export function readRepository(root: string): Repository {
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: LISTING_BYTES_MAX,
  })
  const paths = new Set(listing.split('\0').filter((path) => path !== ''))
  const files: SourceFile[] = []
  for (const path of paths) {
    if (!existsSync(join(root, path))) continue // deleted, and not committed yet
    const text = readFileSync(join(root, path), 'utf8')
    if (!text.includes('\0')) files.push(new SourceFile(path, text))
  }
  return new Repository(files)
}
