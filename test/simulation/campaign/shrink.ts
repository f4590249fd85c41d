import type { Plan, Step } from '../plan/plan.ts'

/** Runs of a shrinking: it is for a person to read, and need not be the smallest there is. */
const RUNS_MAX = 150
/** A busy machine must not take it for a history without an end. */
const SHRINK_MS_MAX = 40_000

/** Taken before a simulation forbids it. */
const nowMs = performance.now.bind(performance)

/** Takes away from a failing plan what its failure does not need: faults first, then calls. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let runs = 0
  const deadlineMs = nowMs() + SHRINK_MS_MAX
  const stillFails = async (candidate: Plan): Promise<boolean> =>
    runs++ < RUNS_MAX && nowMs() < deadlineMs && (await fails(candidate))

  const faults = await ddmin(plan.faults, (some) => stillFails({ ...plan, faults: some }))
  const smaller = { ...plan, faults }
  const calls = plan.producers.flatMap(({ steps }, producer) => steps.map((step) => ({ producer, step })))
  const some = await ddmin(calls, (left) => stillFails(withCalls(smaller, left)))
  return withCalls(smaller, some)
}

function withCalls(plan: Plan, calls: readonly { readonly producer: number; readonly step: Step }[]): Plan {
  const producers = plan.producers.map((producer, index) => ({
    ...producer,
    steps: calls.filter((call) => call.producer === index).map(({ step }) => step),
  }))
  return { ...plan, producers }
}

/**
 * A part of the list that still fails and of which no half, quarter, and so on can be left out.
 *
 * @source Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input (2002)
 */
export async function ddmin<T>(
  list: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (list.length === 0 || (await fails([]))) return []
  let left = list
  let chunks = 2
  while (left.length > 1) {
    const size = Math.ceil(left.length / chunks)
    let isSmaller = false
    for (let from = 0; from < left.length; from += size) {
      const rest = [...left.slice(0, from), ...left.slice(from + size)]
      if (!(await fails(rest))) continue
      left = rest
      chunks = Math.max(2, chunks - 1)
      isSmaller = true
      break
    }
    if (isSmaller) continue
    if (size === 1) break
    chunks = Math.min(left.length, chunks * 2)
  }
  return left
}
