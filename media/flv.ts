import type { RenditionInfo, Title } from '../schemas/markers.ts'
import { audioSpecificConfig } from './adts.ts'
import { u8, u16, u24, u32 } from './bytes.ts'
import { rtmpMsOfFrames, SAMPLE_RATE } from './timeline.ts'
import { printable } from './utf8.ts'

/**
 * HTTP-FLV (Adobe, Video File Format Specification, version 10.1, Annex E): the stream of one listener, whose clock begins at a base frame.
 * Timestamps are milliseconds modulo 2^32, so they wrap after 49.7 days, as players expect.
 */
const AUDIO_TAG = 8
const SCRIPT_TAG = 18
/** AAC; the rest of the byte is fixed for AAC whatever the stream is: 44 kHz, 16 bits, stereo. */
const AAC = 0xaf
const SEQUENCE_HEADER = 0
const RAW = 1

/** What every stream begins with: file header, `onMetaData`, the AAC sequence header. */
export function flvStart({ bitrateKbps, channels }: RenditionInfo): Buffer {
  const audioOnly = 4
  const facts = {
    hasAudio: true,
    hasVideo: false,
    audiocodecid: 10,
    audiodatarate: bitrateKbps,
    audiosamplerate: SAMPLE_RATE,
    audiosamplesize: 16,
    stereo: channels === 2,
  }
  return Buffer.concat([
    Buffer.from('FLV\x01', 'latin1'),
    u8(audioOnly),
    u32(9),
    u32(0),
    flvTag(SCRIPT_TAG, 0, metadata(facts)),
    flvTag(AUDIO_TAG, 0, Buffer.concat([u8(AAC), u8(SEQUENCE_HEADER), audioSpecificConfig(channels)])),
  ])
}

/** One frame. The base frame is the stream's first. */
export function flvFrame(unit: Uint8Array, frame: number, baseFrame: number): Buffer {
  return flvTag(AUDIO_TAG, timestampOf(frame, baseFrame), Buffer.concat([u8(AAC), u8(RAW), unit]))
}

/** The title from its own frame on, or from the stream's first frame if that is later. */
export function flvTitle({ title, artist, frame }: Title, baseFrame: number): Buffer {
  const facts = { title: printable(title), artist: printable(artist) }
  return flvTag(SCRIPT_TAG, timestampOf(Math.max(frame, baseFrame), baseFrame), metadata(facts))
}

function timestampOf(frame: number, baseFrame: number): number {
  return rtmpMsOfFrames(frame - baseFrame) % 2 ** 32
}

function flvTag(type: number, timestamp: number, body: Buffer): Buffer {
  const low = timestamp % 2 ** 24
  const high = Math.floor(timestamp / 2 ** 24)
  const streamId = 0
  return Buffer.concat([u8(type), u24(body.length), u24(low), u8(high), u24(streamId), body, u32(11 + body.length)])
}

/** AMF0: the string `onMetaData`, then an ECMA array (AMF 0 specification, 2.4 and 2.10). */
function metadata(facts: Readonly<Record<string, string | number | boolean>>): Buffer {
  const entries = Object.entries(facts)
  const pairs = entries.flatMap(([name, value]) => [amfText(name), amfValue(value)])
  return Buffer.concat([u8(2), amfText('onMetaData'), u8(8), u32(entries.length), ...pairs, u16(0), u8(9)])
}

function amfValue(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return Buffer.concat([u8(2), amfText(value)])
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0])
  const number = Buffer.alloc(9)
  number.writeDoubleBE(value, 1)
  return number
}

function amfText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  return Buffer.concat([u16(bytes.length), bytes])
}
