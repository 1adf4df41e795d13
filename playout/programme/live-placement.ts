import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Placement } from './placement.ts'

/** A voice as the programme sees it: a span of time that is not its own. */
export type OnLive = { id: string; title: string; artist: string; reason: string }
/** Where something begins (or ends), and under which fade. */
export type LiveSpan = { startSample: number; fadeSamples: number }

const HOLD_PREFIX = 'hold-'

export const isHold = (placement: Placement): boolean =>
  placement.rung === 'bed' && placement.id.startsWith(HOLD_PREFIX)

const open = (startSample: number, fadeInSamples: number) => ({
  path: null,
  cueInSample: 0,
  gainDb: 0,
  startSample,
  endSample: startSample + fadeInSamples + SAMPLE_RATE,
  fadeInSamples,
  fadeOutSamples: 0,
  open: true,
  plannedStartSample: null,
  logged: false,
})

export const livePlacement = (live: OnLive, startSample: number, fadeInSamples: number): Placement => ({
  ...open(startSample, fadeInSamples),
  ...live,
  kind: 'live',
  rung: 'live',
})

export const holdPlacement = (startSample: number, fadeInSamples: number, stationName: string): Placement => ({
  ...open(startSample, fadeInSamples),
  id: `${HOLD_PREFIX}${startSample}`,
  kind: 'bed',
  rung: 'bed',
  title: stationName,
  artist: '',
  reason: 'The air is held for the next voice.',
})
