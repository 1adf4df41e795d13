import { defineConfig } from 'vitest/config'

/** Real stations, played in real time: they run after the others, which would otherwise take the processor from them. They mostly wait. */
const REAL_TIME = ['test/end-to-end/**/*.test.ts', 'test/browser/**/*.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    // An event is waited for as long as a busy machine may need.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: REAL_TIME,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'end-to-end', include: REAL_TIME, maxWorkers: 3, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
