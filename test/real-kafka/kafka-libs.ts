import { join } from 'node:path'
import { cached } from './cache-directory.ts'
import { runJava } from './java.ts'
import { runCommand } from './run-command.ts'

export const DEFAULT_KAFKA_VERSION = '4.3.1'

const POM = join(import.meta.dirname, 'pom.xml')
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/**
 * The folder with all jars of Kafka `version`, broker and clients, from Maven Central. Downloaded once (about 54 MB).
 *
 * @param version a release of org.apache.kafka:kafka_2.13, such as '4.3.1'
 */
export async function kafkaLibs(version: string = DEFAULT_KAFKA_VERSION): Promise<string> {
  const folder = await cached(`kafka-${version}`, async (filling) => {
    await runJava(['-version']) // Maven would say less clearly that there is no Java
    process.stderr.write(`kafka: downloading Kafka ${version} from Maven Central, once, about 54 MB...\n`)
    const startedMs = performance.now()
    await runCommand(
      'mvn',
      [
        '-B',
        '-q',
        '-f',
        POM,
        COPY_DEPENDENCIES,
        `-Dkafka.version=${version}`,
        `-DoutputDirectory=${join(filling, 'libs')}`,
      ],
      'Maven is needed to download Kafka: install it (Debian: apt-get install maven)',
    ).catch((cause: unknown) => {
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`Kafka ${version} could not be downloaded from Maven Central: ${message}`, { cause })
    })
    process.stderr.write(`kafka: downloaded in ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`)
  })
  return join(folder, 'libs')
}
