import type { AudioSpecificConfig } from '../../../media/audio-specific-config.ts'

const OBJECT_TYPES: Record<number, string> = { 1: 'AAC Main', 2: 'AAC-LC', 3: 'AAC-SSR', 4: 'AAC-LTP' }

/** `HE-AAC, 44.1 kHz, stereo` */
export function aacFormat({ objectType, sampleRate, channels, sbr, parametricStereo }: AudioSpecificConfig): string {
  const name = parametricStereo
    ? 'HE-AAC v2'
    : sbr
      ? 'HE-AAC'
      : (OBJECT_TYPES[objectType] ?? `AAC (type ${objectType})`)
  return `${name}, ${kiloHertz(sbr ? sampleRate * 2 : sampleRate)}, ${channelsText(parametricStereo ? 2 : channels)}`
}

/** What an MP3 frame says of itself (ISO/IEC 11172-3, 2.4.1.3 and 13818-3): the part of its header that does not change within a stream. */
export function mp3Format(frame: Uint8Array): string | null {
  const [first = 0, second = 0, third = 0, fourth = 0] = frame
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return null
  const version = (second >> 3) & 3
  const rate = [44_100, 48_000, 32_000][(third >> 2) & 3]
  if (version === 1 || rate === undefined) return null
  const divisor = version === 3 ? 1 : version === 2 ? 2 : 4
  return `MP3, ${kiloHertz(rate / divisor)}, ${fourth >> 6 === 3 ? 'mono' : 'stereo'}`
}

const kiloHertz = (rate: number): string => `${rate / 1000} kHz`

function channelsText(channels: number): string {
  if (channels === 0) return 'channels told within'
  if (channels <= 2) return channels === 1 ? 'mono' : 'stereo'
  return channels === 6 ? '5.1' : channels === 8 ? '7.1' : `${channels} channels`
}
