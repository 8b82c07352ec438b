import { defineConfig } from 'vitest/config'

/** Test projects by kind; see docs/internals/TESTING.md for what each kind may do. */
const integration = {
  pool: 'forks' as const,
  testTimeout: 120_000,
  hookTimeout: 300_000,
  globalSetup: ['test/support/servers.ts', 'test/support/second-servers.ts'],
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/golden/**/*.test.ts',
            'test/contract/**/*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      { test: { name: 'launch', include: ['scripts/**/*.it.ts'], testTimeout: 60_000 } },
      {
        test: {
          ...integration,
          name: 'integration',
          include: ['test/integration/**/*.it.ts'],
          fileParallelism: false,
        },
      },
      {
        test: {
          ...integration,
          name: 'ui',
          include: ['test/ui/**/*.it.ts'],
          fileParallelism: false,
        },
      },
      {
        test: {
          ...integration,
          name: 'fault',
          globalSetup: ['test/support/fault-servers.ts'],
          include: ['test/fault/**/*.it.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
})
