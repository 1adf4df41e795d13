import type { LiveSettings } from '../../schemas/live.ts'

/** The station file's own defaults: until the control center has sent a plan, nobody can be on air anyway. */
export const DEFAULT_SETTINGS: LiveSettings = {
  bufferMs: 600,
  relayBufferMs: 3_000,
  crossfadeMs: 500,
  graceMs: 10_000,
  silenceDbfs: -50,
  silenceMs: 15_000,
  soundAgainMs: 3_000,
  duckDb: -14,
  duckDownMs: 300,
  duckUpMs: 900,
  levelLufs: null,
}
