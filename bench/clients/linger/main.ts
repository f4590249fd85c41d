import { runDriver } from '../driver.ts'
import { lingerDriver } from './linger-driver.ts'

await runDriver((workload) => lingerDriver(workload))
