import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdtsSplitter } from '../../media/adts-splitter.ts'
import { aacEncoderArguments } from '../../media/encoder-settings.ts'
import type { Segment } from '../../media/segment.ts'
import { FRAMES_PER_SEGMENT, firstFrameOfSegment } from '../../media/timeline.ts'
import { programs } from '../../platform/processes.ts'
import type { RenditionInfo, StationInfo, Title } from '../../schemas/markers.ts'

export const high: RenditionInfo = { id: 'high', bitrateKbps: 128, channels: 2 }
export const low: RenditionInfo = { id: 'low', bitrateKbps: 48, channels: 1 }
export const station: StationInfo = {
  id: 'demo',
  name: 'Demo & <Friends>',
  renditions: [high, low],
  windowSegments: 15,
  keptSegments: 30,
}

/** Music of a kind: two chords in turn over a little noise. */
export const MUSIC =
  'aevalsrc=0.2*sin(2*PI*(220+55*floor(mod(t\\,4)))*t)+0.1*sin(2*PI*660*t)+0.02*(random(0)-0.5)|0.2*sin(2*PI*330*t)+0.02*(random(1)-0.5):s=48000'

/** Runs ffmpeg to its end. Throws when it fails or has anything to warn of. */
export function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  const run = spawnSync(programs.ffmpeg, ['-hide_banner', '-nostdin', '-v', 'warning', ...args], {
    maxBuffer: 2 ** 28,
    timeout: 30_000,
    ...(input ? { input } : {}),
  })
  const complaints = run.stderr
    .toString()
    .split('\n')
    // Of raw ADTS, which has no header to tell its length.
    .filter((line) => line !== '' && !line.includes('Estimating duration from bitrate'))
  if (run.status !== 0 || complaints.length > 0) throw new Error(`ffmpeg (${run.status}): ${complaints.join('\n')}`)
  return run.stdout
}

/** What ffprobe knows of a file's only stream. */
export function probe(path: string, entries: string): Record<string, string> {
  const args = ['-v', 'error', '-show_entries', entries, '-of', 'default=noprint_wrappers=1', path]
  const run = spawnSync(programs.ffprobe, args, { timeout: 30_000 })
  if (run.status !== 0 || run.stderr.length > 0) throw new Error(`ffprobe (${run.status}): ${run.stderr}`)
  const lines = run.stdout.toString().trim().split('\n')
  return Object.fromEntries(lines.map((line) => line.split('=') as [string, string]))
}

/** The samples that ffmpeg decodes from bytes of some format, 16 bits each. */
export function decode(bytes: Uint8Array, format: string): Buffer {
  return ffmpeg(['-f', format, '-i', 'pipe:0', '-f', 's16le', '-'], bytes)
}

/** Access units as the station's encoder makes them. */
export function encodeUnits(source: string, seconds: number, rendition: RenditionInfo): Buffer[] {
  const units: Buffer[] = []
  const splitter = createAdtsSplitter((unit) => units.push(unit))
  const input = ['-f', 'lavfi', '-i', source, '-t', String(seconds), '-ac', String(rendition.channels)]
  splitter.push(ffmpeg([...input, ...aacEncoderArguments(rendition), '-f', 'adts', '-']))
  if (splitter.errors > 0) throw new Error('the encoder wrote something else than ADTS')
  return units
}

export function titleAt(frame: number, title: string, artist = ''): Title {
  return { frame, title, artist, kind: 'music', itemId: 'item', startSample: 0 }
}

/** Consecutive segments out of units, the first of them being `first`; in the third one the title changes. */
export function segmentsFrom(units: readonly Uint8Array[], first: number, count: number): Segment[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index
    const frame = firstFrameOfSegment(number)
    const titles = [titleAt(frame, 'Morning', 'The Larks')]
    if (index === 2) titles.push(titleAt(frame + 77, 'Утро 早晨 🎵', 'Жаворонки'), titleAt(frame + 150, 'Noon'))
    const from = index * FRAMES_PER_SEGMENT
    return { number, units: units.slice(from, from + FRAMES_PER_SEGMENT), titles, cue: 'programme' }
  })
}

/** Hands a folder with these files to a function, and removes it. */
export function withFiles<T>(files: Readonly<Record<string, Uint8Array | string>>, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'airtight-media-'))
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
