import { runTarget } from './run-target.ts'
import { parseFuzzRun } from './settings.ts'

const { seconds, seed, targets, path } = parseFuzzRun(process.argv)
const print = (line: string): void => void process.stdout.write(`${line}\n`)

print(`${targets.length} targets, ${seconds} seconds, seed ${seed}`)
const timeMs = (seconds * 1000) / targets.length
let inputCount = 0
let findingCount = 0
for (const target of targets) {
  const result = await runTarget(target, { seed, timeMs, ...(path !== undefined && { path }) })
  inputCount += result.inputCount
  print(`${String(result.inputCount).padStart(10)} inputs: ${target.name}`)
  if (result.finding === undefined) continue
  findingCount++
  print(result.finding)
}
print(`${inputCount} inputs, ${findingCount} findings, seed ${seed}`)
process.exitCode = findingCount === 0 ? 0 : 1
