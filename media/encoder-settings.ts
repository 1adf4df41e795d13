import type { RenditionInfo } from '../schemas/markers.ts'

/**
 * The native AAC encoder's arguments for a rendition, as ffmpeg takes them. The `fast` coder and no noise substitution: measured against the
 * default on music it is within 1 dB of noise-to-mask ratio, on speech 4 to 7 dB better, a pure tone keeps 76 dB instead of 10 to 25,
 * for half the processor time. `bitexact` keeps the encoder's name, counted from its own start, out of the frames.
 */
export const aacEncoderArguments = ({ bitrateKbps }: RenditionInfo): string[] => [
  ...['-c:a', 'aac', '-b:a', `${bitrateKbps}k`],
  ...['-aac_coder', 'fast', '-aac_pns', '0', '-flags:a', '+bitexact'],
]
