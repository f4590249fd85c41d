import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Whether librdkafka is here to be tested with, by its command line. */
export const hasKcat: boolean = spawnSync('kcat', ['-V'], { stdio: 'ignore' }).status === 0

if (!hasKcat) {
  process.stderr.write('LEFT OUT: kcat is not on the PATH (Debian: apt-get install kcat), librdkafka is not tested\n')
}

/** Writes the lines as records of one topic. */
export async function kcatWrite(
  bootstrapServers: string,
  topic: string,
  settings: Readonly<Record<string, string>>,
  lines: readonly string[],
): Promise<void> {
  await runKcat(['-P', '-b', bootstrapServers, '-t', topic, '-p', '0', ...settingArgs(settings)], lines.join('\n'))
}

/** The values of all records of a topic, which have no line breaks in them. */
export async function kcatRead(bootstrapServers: string, topic: string): Promise<string[]> {
  const settings = settingArgs({ 'check.crcs': 'true' })
  const read = await runKcat(
    ['-C', '-b', bootstrapServers, '-t', topic, '-o', 'beginning', '-e', '-q', ...settings],
    '',
  )
  return read.split('\n').slice(0, -1)
}

function settingArgs(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`])
}

async function runKcat(args: readonly string[], input: string): Promise<string> {
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
