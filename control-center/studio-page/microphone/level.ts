/** A stretch of sound: peak and root mean square, linear, 1 is full scale. */
export type Level = { peak: number; rms: number }

const FLOOR_DBFS = -60
/** Of the meter: everything to the right of it is on the way to clipping. */
export const HOT_DBFS = -6
/** Speech below this drowns in what follows it. */
const QUIET_DBFS = -45
const SILENT_DBFS = -65

export const dbfs = (linear: number): number => (linear <= 1e-6 ? -120 : 20 * Math.log10(linear))

/** 0 … 1 along the meter. */
export const alongMeter = (levelDbfs: number): number => Math.min(1, Math.max(0, 1 - levelDbfs / FLOOR_DBFS))

/** What to do about the level, in words: colours alone don't carry. Peak of the last seconds. */
export function adviceFor(peakDbfs: number): { tone: 'good' | 'warn' | 'bad'; text: string } {
  if (peakDbfs < SILENT_DBFS) return { tone: 'bad', text: 'Silent: nothing comes from the microphone' }
  if (peakDbfs < QUIET_DBFS) return { tone: 'warn', text: 'Very quiet: speak, or turn it up' }
  if (peakDbfs < -24) return { tone: 'warn', text: 'Quiet: go nearer, or turn it up' }
  if (peakDbfs < -3) return { tone: 'good', text: 'Good level' }
  if (peakDbfs < -0.3) return { tone: 'warn', text: 'Loud: turn it down a little' }
  return { tone: 'bad', text: 'Too loud: it distorts' }
}
