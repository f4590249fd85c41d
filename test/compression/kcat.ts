import { runKcat } from '../embedded-broker/run-kcat.ts'

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
