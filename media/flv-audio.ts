import { type AudioSpecificConfig, parseAudioSpecificConfig } from './audio-specific-config.ts'

/**
 * The body of an FLV audio tag, which is also that of an RTMP audio message (Adobe FLV 10.1, E.4.2).
 * AAC's first byte is always 0xAF: format 10, "44 kHz, 16 bit, stereo" whatever the stream really is.
 */
export type FlvAudio =
  | { kind: 'aac-config'; bytes: Uint8Array; config: AudioSpecificConfig }
  | { kind: 'aac-frame'; unit: Uint8Array }
  | { kind: 'mp3'; frame: Uint8Array }
  | { kind: 'other'; codec: string }
  | { kind: 'invalid'; reason: string }

const AAC_FIRST_BYTE = 0xaf
const AAC_CONFIG = 0
const AAC_FRAME = 1
const CODECS = [
  'PCM in the encoder’s byte order',
  'ADPCM',
  'MP3',
  'PCM, little-endian',
  'Nellymoser 16 kHz',
  'Nellymoser 8 kHz',
  'Nellymoser',
  'G.711 A-law',
  'G.711 µ-law',
  'enhanced RTMP',
  'AAC',
  'Speex',
  'reserved (12)',
  'reserved (13)',
  'MP3 8 kHz',
  'device-specific',
] as const

/** Body of the message that goes before any AAC frame. The configuration is an AudioSpecificConfig. */
export function aacSequenceHeaderBody(config: Uint8Array): Buffer {
  return prefixed(AAC_CONFIG, config)
}

/** Body of one AAC frame; the unit is a raw access unit, without ADTS. */
export function aacFrameBody(unit: Uint8Array): Buffer {
  return prefixed(AAC_FRAME, unit)
}

function prefixed(packetType: number, payload: Uint8Array): Buffer {
  const body = Buffer.allocUnsafe(2 + payload.length)
  body[0] = AAC_FIRST_BYTE
  body[1] = packetType
  body.set(payload, 2)
  return body
}

/** Classifies a body; the byte fields are views of it. Never throws. An AAC frame of length 0 is invalid. */
export function parseFlvAudio(body: Uint8Array): FlvAudio {
  const first = body[0]
  if (first === undefined) return { kind: 'invalid', reason: 'empty audio message' }
  const codec = CODECS[first >> 4]!
  if (codec === 'MP3' || codec === 'MP3 8 kHz') {
    if (body.length < 2) return { kind: 'invalid', reason: 'empty MP3 frame' }
    return { kind: 'mp3', frame: body.subarray(1) }
  }
  if (codec === 'enhanced RTMP') return { kind: 'other', codec: `enhanced RTMP ${fourCc(body.subarray(1, 5))}` }
  if (codec !== 'AAC') return { kind: 'other', codec }
  const payload = body.subarray(2)
  if (payload.length === 0) return { kind: 'invalid', reason: 'empty AAC message' }
  if (body[1] === AAC_FRAME) return { kind: 'aac-frame', unit: payload }
  if (body[1] !== AAC_CONFIG) return { kind: 'invalid', reason: `AAC packet type ${body[1]}` }
  const config = parseAudioSpecificConfig(payload)
  if (!config) return { kind: 'invalid', reason: 'AAC configuration that makes no sense' }
  return { kind: 'aac-config', bytes: payload, config }
}

function fourCc(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?')).join('')
}
