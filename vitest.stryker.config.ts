import { defineConfig } from 'vitest/config'

/** The unit tests of the producer alone, for Stryker: it runs them again for each change that it makes. */
export default defineConfig({
  test: {
    include: ['packages/producer/test/**/*.test.ts'],
    // Read the sources as text, which Stryker has changed, or measure another process, which it has not.
    exclude: ['**/source-rules.test.ts', '**/process-ends.test.ts'],
    isolate: false,
    testTimeout: 120_000,
  },
})
