import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Far from what any test needs: this machine may be busy, and how long a test takes is not what it tests.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './tools/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/test/**/*.test.ts',
            'tools/test/**/*.test.ts',
            'bench/test/**/*.test.ts',
            'test/mutants/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/mutants/**'],
          globalSetup: ['./test/real-kafka/global-setup.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
})
