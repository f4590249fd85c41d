import type { Reporter, TestModule } from 'vitest/node'

/** Ends the run with the slowest files and one plain line: `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      const failedBefore = count.failed
      for (const test of module.children.allTests()) count[test.result().state] += 1
      if (module.state() === 'failed' && count.failed === failedBefore) count.failed += 1
    }

    const slowest = modules
      .map((module) => ({ file: module.relativeModuleId, seconds: module.diagnostic().duration / 1000 }))
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, 5)
      .map(({ file, seconds }) => `  ${seconds.toFixed(1).padStart(7)} s  ${file}`)

    const skipped = count.skipped + count.pending
    const line = `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
    // At exit, so that nothing another reporter or a closing broker prints comes after it.
    process.once('exit', () => process.stdout.write(`\nslowest:\n${slowest.join('\n')}\n\n${line}\n`))
  }
}
