import type { RenditionInfo } from '../schemas/markers.ts'
import { FRAMES_PER_SEGMENT, SEGMENT_SECONDS } from './timeline.ts'

export type Bitrate = { peakBitsPerSecond: number; averageBitsPerSecond: number }

/**
 * What ffmpeg's native encoder makes of `-b:a`, as raw access units. Measured over any 188 frames in a row (noise of three colours, tones, plucks,
 * bursts out of silence, clicks, speech in three voices, dry, in a room, over music): music and noise keep within 1 % of the wish, speech after
 * digital silence does not, and the more so the fewer bits there are: see test/media/bitrate.test.ts.
 */
export function bitrateOf({ bitrateKbps }: RenditionInfo): Bitrate {
  return { averageBitsPerSecond: bitrateKbps * 1000, peakBitsPerSecond: (bitrateKbps + SPEECH_EXCESS_KBPS) * 1000 }
}
const SPEECH_EXCESS_KBPS = 28

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
