import { gzipSync } from 'node:zlib'
import { adtsOfUnits } from '../../media/adts.ts'
import { cmafBitrateOf } from '../../media/bitrate.ts'
import { flvFrame } from '../../media/flv.ts'
import { createIcyInterleaver, ICY_METAINT } from '../../media/icy.ts'
import { packageSegment } from '../../media/packaging.ts'
import { mediaPlaylist } from '../../media/playlists.ts'
import type { Segment } from '../../media/segment.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment, SEGMENT_SECONDS } from '../../media/timeline.ts'
import type { RenditionInfo } from '../../schemas/markers.ts'
import { encodeUnits, high, low, MUSIC, titleAt } from '../media/real-frames.ts'

/** What an hour of listening puts on the wire, without HTTP headers, beside the raw access units. Prints one table and ends. */
const SEGMENTS = 60
const FIRST = 447_600_000
const WINDOW = 15
const SEGMENTS_PER_HOUR = 3600 / SEGMENT_SECONDS

type Row = { what: string; bytes: number }

for (const rendition of [high, low]) {
  const units = encodeUnits(MUSIC, SEGMENTS * SEGMENT_SECONDS + 1, rendition)
  const rawBytes = sizeOf(units.slice(0, SEGMENTS * FRAMES_PER_SEGMENT))
  const rows = [...segmentRows(units, rendition), ...streamRows(units, rendition), ...playlistRows()]
  const rate = (bytes: number): number => (bytes * 8) / (SEGMENTS * SEGMENT_SECONDS) / 1000
  console.log(`\n${rendition.id}: ${rendition.bitrateKbps} kbit/s asked for, ${rate(rawBytes).toFixed(1)} got`)
  console.log(`  ${'raw access units'.padEnd(44)}${megabytesAnHour(rawBytes)}`)
  for (const { what, bytes } of rows) {
    const percent = `+${((100 * bytes) / rawBytes).toFixed(2)} %`
    console.log(`  ${what.padEnd(44)}${megabytesAnHour(bytes)}${percent.padStart(11)}`)
  }
  const { averageBitsPerSecond, peakBitsPerSecond } = cmafBitrateOf(rendition)
  console.log(`  master playlist: AVERAGE-BANDWIDTH ${averageBitsPerSecond}, BANDWIDTH ${peakBitsPerSecond}`)
}

/** Each row's bytes are those beyond the raw access units. */
function segmentRows(units: readonly Buffer[], rendition: RenditionInfo): Row[] {
  const row = (what: string, packaging: 'cmaf' | 'ts' | 'adts', title: string, artist: string): Row => {
    const segments = segmentsWith(units, title, artist)
    const bytes = segments.reduce(
      (sum, one) => sum + packageSegment(packaging, one, rendition).length - sizeOf(one.units),
      0,
    )
    return { what, bytes }
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

function streamRows(all: readonly Buffer[], { channels }: RenditionInfo): Row[] {
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
function playlistRows(): Row[] {
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
  return `${(((bytes / SEGMENTS) * SEGMENTS_PER_HOUR) / 1e6).toFixed(2).padStart(8)} MB/h`
}
