import { FormatError } from '../../media/format-error.ts'
import { parseCmaf } from '../../media/parse-cmaf.ts'
import { type Id3Tag, startsWithId3 } from '../../media/parse-id3.ts'
import { parseMpegts } from '../../media/parse-mpegts.ts'
import { parsePackedAudio } from '../../media/parse-packed-audio.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { HeardSegment, HeardTitle } from './heard-segment.ts'
import type { ListedSegment } from './playlist-history.ts'

export type ReadSegment = { ok: true; segment: HeardSegment } | { ok: false; sentence: string }

type Contents = Pick<HeardSegment, 'packaging' | 'startSample' | 'channels' | 'units' | 'titles'>

/** Takes a fetched segment apart, whatever it is packed in. `nearSample` is where it should be: 33-bit times are unwrapped there. Never throws. */
export function readSegment(
  listed: ListedSegment,
  bytes: Buffer,
  init: Buffer | null,
  nearSample: number,
  arrivedMs: number,
): ReadSegment {
  const { sequence, url, durationMs, programDateTimeMs, discontinuity } = listed
  try {
    const contents = contentsOf(bytes, init, nearSample)
    return {
      ok: true,
      segment: { sequence, url, arrivedMs, bytes, durationMs, programDateTimeMs, discontinuity, ...contents },
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return { ok: false, sentence: error.message }
  }
}

function contentsOf(bytes: Buffer, init: Buffer | null, nearSample: number): Contents {
  if (bytes[0] === 0x47) return transportContents(bytes, nearSample)
  if (startsWithId3(bytes, 0)) return packedContents(bytes, nearSample)
  const { decodeTime, units, titles } = parseCmaf(bytes)
  return {
    packaging: 'cmaf',
    startSample: decodeTime,
    channels: channelsOfInit(init),
    units: units.map(asBuffer),
    titles: titles.map(({ presentationTime, timescale, tag }) =>
      titleOf(tag, Math.round((presentationTime / timescale) * SAMPLE_RATE)),
    ),
  }
}

function transportContents(bytes: Buffer, nearSample: number): Contents {
  const { units, channels, pts, titles } = parseMpegts(bytes)
  return {
    packaging: 'ts',
    startSample: pts[0] === undefined ? null : sampleOfPts(pts[0], nearSample),
    channels,
    units: units.map(asBuffer),
    titles: titles.map((title) => titleOf(title.tag, sampleOfPts(title.pts, nearSample))),
  }
}

function packedContents(bytes: Buffer, nearSample: number): Contents {
  const { timestamp, tags, units, channels } = parsePackedAudio(bytes)
  const startSample = sampleOfPts(timestamp, nearSample)
  const titles = tags.filter(({ title }) => title !== null).map((tag) => titleOf(tag, startSample))
  return { packaging: 'adts', startSample, channels, units: units.map(asBuffer), titles }
}

const titleOf = (tag: Id3Tag, sample: number): HeardTitle => ({
  sample,
  title: tag.title ?? '',
  artist: tag.artist ?? '',
})

const asBuffer = (unit: Uint8Array): Buffer => Buffer.from(unit.buffer, unit.byteOffset, unit.length)

const PTS_WRAP = 2 ** 33
const TICKS_PER_SAMPLE = 90_000 / SAMPLE_RATE

/** Of all the samples that a 33-bit time may mean, the one nearest to where it should be. */
export function sampleOfPts(pts: number, nearSample: number): number {
  const wraps = Math.round((nearSample * TICKS_PER_SAMPLE - pts) / PTS_WRAP)
  return Math.round((pts + wraps * PTS_WRAP) / TICKS_PER_SAMPLE)
}

/** The channel count of the sample entry (ISO/IEC 14496-12, 12.2.3): 16 bytes after the type. */
function channelsOfInit(init: Buffer | null): number {
  const entry = init?.indexOf('mp4a', 0, 'latin1') ?? -1
  if (!init || entry < 0) throw new FormatError('there is no init section with an AAC track')
  return init.readUInt16BE(entry + 20)
}
