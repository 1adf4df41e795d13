import type { RenditionInfo } from '../schemas/markers.ts'
import { FRAMES_PER_SEGMENT, SEGMENT_SECONDS } from './timeline.ts'

export type Bitrate = { peakBitsPerSecond: number; averageBitsPerSecond: number }

/**
 * What ffmpeg's native encoder makes of {@link aacEncoderArguments}, as raw access units, measured over any 188 frames in a row at 24 to 320 kbit/s.
 * Noise, tones, sweeps and music keep within 2 %. Dry speech between digital silences does not: up to 1.39 (mono) or 1.24 (stereo) times
 * what was asked for. (Bursts of white noise between digital silences reach 2.95 in mono at 48 kbit/s: that is no programme, and not covered.)
 */
export function bitrateOf({ bitrateKbps, channels }: RenditionInfo): Bitrate {
  const averageBitsPerSecond = bitrateKbps * 1000
  return { averageBitsPerSecond, peakBitsPerSecond: Math.ceil(averageBitsPerSecond * PEAK_RATIO[channels]) }
}

const PEAK_RATIO = { 1: 1.6, 2: 1.3 }

/** The same with a CMAF segment's own bytes: four a frame, 96 for the headers, and room for a long title. */
export function cmafBitrateOf(rendition: RenditionInfo): Bitrate {
  const { averageBitsPerSecond, peakBitsPerSecond } = bitrateOf(rendition)
  return {
    averageBitsPerSecond: Math.ceil(averageBitsPerSecond + cmafBitsPerSecond(TITLE_BYTES)),
    peakBitsPerSecond: Math.ceil(peakBitsPerSecond + cmafBitsPerSecond(4 * TITLE_BYTES)),
  }
}

const TITLE_BYTES = 130
const cmafBitsPerSecond = (titleBytes: number): number =>
  ((4 * FRAMES_PER_SEGMENT + 96 + titleBytes) * 8) / SEGMENT_SECONDS
