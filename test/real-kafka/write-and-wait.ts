import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { javaClasses } from './java.ts'
import { SupervisedJvm } from './supervised-jvm.ts'

const JVMS = 3

// The run that outlived.test.ts kills while its JVMs write: it starts them and says who they are.
const directory = await mkdtemp(join(tmpdir(), 'linger-kafka-'))
const classes = await javaClasses('KeepsWriting')
const jvms: SupervisedJvm[] = []
for (let index = 0; index < JVMS; index++) {
  const ownDirectory = join(directory, String(index))
  await mkdir(ownDirectory)
  const jvm = await SupervisedJvm.start({
    libs: classes,
    classpath: [classes],
    mainClass: 'KeepsWriting',
    args: [ownDirectory],
    heapMb: 64,
    directory,
    logFile: join(directory, `${index}.log`),
  })
  jvms.push(jvm)
}
while (!jvms.every((jvm) => jvm.lastLines.includes('writing'))) await setTimeout(10)
process.stdout.write(`${jvms.map((jvm) => jvm.pid).join(' ')}\n`)
process.stdin.resume() // until a signal comes
