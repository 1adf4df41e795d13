import { gzipSync } from 'node:zlib'
import { adtsOfUnits } from '../../media/adts.ts'
import { createAdtsSplitter } from '../../media/adts-splitter.ts'
import { cmafBitrateOf } from '../../media/bitrate.ts'
import { aacEncoderArguments } from '../../media/encoder-settings.ts'
import { flvFrame } from '../../media/flv.ts'
import { createIcyInterleaver, ICY_METAINT } from '../../media/icy.ts'
import { packageSegment } from '../../media/packaging.ts'
import { mediaPlaylist } from '../../media/playlists.ts'
import type { Segment } from '../../media/segment.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment, SEGMENT_SECONDS } from '../../media/timeline.ts'
import type { RenditionInfo } from '../../schemas/markers.ts'
import { ffmpeg, high, low, MUSIC, titleAt } from '../media/real-frames.ts'
import type { Bench } from './bench.ts'
import { printTable } from './parts/table.ts'

const SEGMENTS = 60
const FIRST = 447_600_000
const WINDOW = 15
const SEGMENTS_PER_HOUR = 3600 / SEGMENT_SECONDS
/** In percent over the raw access units, by bit rate. */
const AIMS: Record<number, { cmaf: number; ts: number }> = { 128: { cmaf: 1.5, ts: 7.5 }, 48: { cmaf: 4, ts: 14 } }

type Extra = { what: string; bytes: number; aimPercent?: number }

export const wire: Bench = {
  name: 'wire',
  about: 'what an hour of listening puts on the wire, without HTTP headers, beside the raw access units',
  async run() {
    for (const rendition of [high, low]) printRendition(rendition)
  },
}

function printRendition(rendition: RenditionInfo): void {
  const units = encodedAsOnAir(MUSIC, SEGMENTS * SEGMENT_SECONDS + 1, rendition)
  const rawBytes = sizeOf(units.slice(0, SEGMENTS * FRAMES_PER_SEGMENT))
  const gotKbps = (rawBytes * 8) / (SEGMENTS * SEGMENT_SECONDS) / 1000
  const { averageBitsPerSecond, peakBitsPerSecond } = cmafBitrateOf(rendition)
  console.log(
    `   ${rendition.id}: ${rendition.bitrateKbps} kbit/s asked for, ${gotKbps.toFixed(1)} got; ` +
      `the master playlist says AVERAGE-BANDWIDTH ${averageBitsPerSecond}, BANDWIDTH ${peakBitsPerSecond}`,
  )
  const rows = [...segmentRows(units, rendition), ...streamRows(units, rendition), ...playlistRows()].map(
    ({ what, bytes, aimPercent }) => {
      const percent = (100 * bytes) / rawBytes
      const isMet = aimPercent !== undefined && percent <= aimPercent
      return {
        what,
        'MB/h': megabytesAnHour(bytes),
        'over raw': `+${percent.toFixed(2)} %`,
        aim: aimPercent === undefined ? '' : `+${aimPercent} %: ${isMet ? 'met' : 'MISSED'}`,
      }
    },
  )
  printTable([{ what: 'raw access units', 'MB/h': megabytesAnHour(rawBytes), 'over raw': '', aim: '' }, ...rows])
}

/** Each row's bytes are those beyond the raw access units. */
function segmentRows(units: readonly Buffer[], rendition: RenditionInfo): Extra[] {
  const row = (what: string, packaging: 'cmaf' | 'ts' | 'adts', title: string, artist: string): Extra => {
    const aimPercent = packaging === 'adts' ? undefined : AIMS[rendition.bitrateKbps]?.[packaging]
    const segments = segmentsWith(units, title, artist)
    const bytes = segments.reduce(
      (sum, one) => sum + packageSegment(packaging, one, rendition).length - sizeOf(one.units),
      0,
    )
    return { what, bytes, ...(aimPercent === undefined ? {} : { aimPercent }) }
  }
  return [
    row('CMAF, title of 16 bytes', 'cmaf', 'Morning', 'The Larks'),
    row('CMAF, title of 48 bytes', 'cmaf', 'Symphony No. 6 in F, Pastoral', 'Ludwig v. Beethoven'),
    row('MPEG-TS', 'ts', 'Morning', 'The Larks'),
    row('packed ADTS', 'adts', 'Morning', 'The Larks'),
  ]
}

function segmentsWith(units: readonly Buffer[], title: string, artist: string): Segment[] {
  return Array.from({ length: SEGMENTS }, (_, index) => ({
    number: FIRST + index,
    units: units.slice(index * FRAMES_PER_SEGMENT, (index + 1) * FRAMES_PER_SEGMENT),
    titles: [titleAt(firstFrameOfSegment(FIRST + index), title, artist)],
    cue: 'programme',
  }))
}

function streamRows(all: readonly Buffer[], { channels }: RenditionInfo): Extra[] {
  const units = all.slice(0, SEGMENTS * FRAMES_PER_SEGMENT)
  const icy = createIcyInterleaver(ICY_METAINT)
  icy.setTitle(titleAt(0, 'Morning', 'The Larks'))
  const flv = units.reduce((sum, unit, frame) => sum + flvFrame(unit, frame, 0).length, 0)
  return [
    { what: 'endless AAC with ICY titles', bytes: icy.push(adtsOfUnits(units, channels)).length - sizeOf(units) },
    { what: 'HTTP-FLV', bytes: flv - sizeOf(units) },
  ]
}

/** Fetched once a segment, as players do. */
function playlistRows(): Extra[] {
  const text = mediaPlaylist({ packaging: 'cmaf', oldest: FIRST, newest: FIRST + WINDOW - 1 })
  return [
    { what: `playlist of ${WINDOW} segments, each 4 s`, bytes: SEGMENTS * text.length },
    { what: 'the same, compressed with gzip', bytes: SEGMENTS * gzipSync(text).length },
  ]
}

function sizeOf(units: readonly Uint8Array[]): number {
  return units.reduce((sum, unit) => sum + unit.length, 0)
}

function megabytesAnHour(bytes: number): string {
  return (((bytes / SEGMENTS) * SEGMENTS_PER_HOUR) / 1e6).toFixed(2)
}

/** Access units from the very settings that go on air. */
function encodedAsOnAir(source: string, seconds: number, rendition: RenditionInfo): Buffer[] {
  const units: Buffer[] = []
  const splitter = createAdtsSplitter((unit) => units.push(Buffer.from(unit)))
  const input = ['-f', 'lavfi', '-i', source, '-t', String(seconds), '-ac', String(rendition.channels)]
  splitter.push(ffmpeg([...input, ...aacEncoderArguments(rendition), '-f', 'adts', '-']))
  return units
}
