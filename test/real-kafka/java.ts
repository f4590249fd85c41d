import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache-directory.ts'
import { runCommand } from './run-command.ts'

const SOURCES = join(import.meta.dirname, '../java')

/** What to tell the reader of a machine without Java. */
export const JDK_MISSING =
  'a JDK (17 or newer) is needed: install one (Debian: apt-get install default-jdk) or set JAVA_HOME'

/** The path of a program of the JDK: JAVA_HOME's if that is set, else the one on the PATH. */
export function javaProgram(name: 'java' | 'javac'): string {
  const home = process.env['JAVA_HOME']
  return home === undefined || home === '' ? name : join(home, 'bin', name)
}

/** Runs a JVM to its end and answers what it printed. */
export async function runJava(args: readonly string[]): Promise<string> {
  return runCommand(javaProgram('java'), args, JDK_MISSING)
}

/**
 * The folder with the classes of `test/java/<name>.java`. Compiled once per content and cached: the single-file
 * launcher would compile it on every start, which costs more than a second.
 *
 * @param libs the folder of jars that the program needs, if any
 * @param sources the folder of the program, if it is another
 */
export async function javaClasses(name: string, libs?: string, sources: string = SOURCES): Promise<string> {
  const source = join(sources, `${name}.java`)
  const hash = createHash('sha256')
    .update(await readFile(source))
    .update(libs ?? '')
  return cached(`java-${name}-${hash.digest('hex').slice(0, 16)}`, async (filling) => {
    const classpath = libs === undefined ? [] : ['-cp', join(libs, '*')]
    await runCommand(javaProgram('javac'), ['--release', '17', '-d', filling, ...classpath, source], JDK_MISSING)
  })
}
