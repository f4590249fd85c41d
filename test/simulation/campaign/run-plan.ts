import type { Plan } from '../plan/plan.ts'
import { takeImpureCalls } from '../purity.ts'
import { Simulation, type SimulationResult } from '../simulation.ts'
import { Trace } from '../trace.ts'

/** Promises that failed and nobody waited for, since the last run. */
const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

export interface PlanRun {
  readonly result: SimulationResult
  readonly digest: string
}

/** Runs one history, and adds what it has done outside of itself. */
export async function runPlan(plan: Plan, onLine?: (line: string) => void): Promise<PlanRun> {
  const trace = new Trace(onLine)
  const result = await new Simulation(plan, trace).run()
  const impure = takeImpureCalls().map((name) => `${name} is called past the ports`)
  const rejected = unhandled.splice(0).map((reason) => `unhandled rejection: ${describe(reason)}`)
  return { result: { ...result, violations: [...result.violations, ...impure, ...rejected] }, digest: trace.digest() }
}

function describe(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
}
