import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Whether librdkafka's own program is on this machine. Where it is not, its tests are left out, and say so. */
export const hasKcat: boolean = findKcat()

export async function runKcat(args: readonly string[], input: string): Promise<string> {
  const child = spawn('kcat', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => {
      child.once('close', resolve)
    }),
  ])
  if (code !== 0) throw new Error(`kcat ${args.join(' ')}: ${errors}`)
  return output
}

function findKcat(): boolean {
  if (spawnSync('kcat', ['-V'], { stdio: 'ignore' }).status === 0) return true
  process.stderr.write('LEFT OUT: kcat is not on the PATH (Debian: apt-get install kcat), librdkafka is not tested\n')
  return false
}
