import { expect, vi } from 'vitest'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

/** Expects something to become true: within moments on a machine at rest, within seconds on a loaded one. */
export const eventually = <T>(actual: () => T) => expect.poll(actual, { timeout: 10_000, interval: 20 })
