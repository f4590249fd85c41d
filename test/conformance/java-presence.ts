import { spawnSync } from 'node:child_process'
import { javaProgram } from '../real-kafka/java.ts'

/**
 * Whether this machine can run Kafka's own classes. Where it cannot, the tests that compare with them are left out, and
 * say so; with CI=true that is a failure, since CI that compares nothing must not be green.
 */
export const hasJava: boolean = findJava()

function findJava(): boolean {
  if (spawnSync(javaProgram('javac'), ['-version'], { stdio: 'ignore' }).status === 0) return true
  const reason = 'there is no JDK (JAVA_HOME, or javac on the PATH): conformance with Kafka is not tested'
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`LEFT OUT: ${reason}\n`)
  return false
}
