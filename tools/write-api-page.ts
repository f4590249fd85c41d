import { fileURLToPath } from 'node:url'
import { writeApiPage } from './api-page/api-page.ts'

const [folder = fileURLToPath(new URL('../docs/api', import.meta.url))] = process.argv.slice(2)
const warningCount = await writeApiPage(folder)
console.log(`${folder}: ${warningCount} warnings`)
process.exitCode = warningCount === 0 ? 0 : 1
