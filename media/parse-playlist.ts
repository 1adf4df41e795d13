import { FormatError } from './format-error.ts'
import { attributesOf } from './playlist-attributes.ts'

export type PlaylistSegment = {
  sequence: number
  uri: string
  durationSeconds: number
  /** EXT-X-PROGRAM-DATE-TIME in milliseconds since the epoch, said or counted on from an earlier segment's; null when none was said so far. */
  programDateTimeMs: number | null
  /** EXT-X-DISCONTINUITY stands before it. */
  discontinuity: boolean
  gap: boolean
  /** URI of the EXT-X-MAP that holds. */
  map: string | null
}

export type MediaPlaylist = {
  version: number
  targetDurationSeconds: number
  mediaSequence: number
  discontinuitySequence: number
  independentSegments: boolean
  ended: boolean
  segments: PlaylistSegment[]
}

const TAG = /^#(EXT[^:]*)(?::(.*))?$/

/** Reads a media playlist (RFC 8216, 4.3). Throws a {@link FormatError} that names the line. Unknown tags and comments are passed over. */
export function parseMediaPlaylist(text: string): MediaPlaylist {
  const lines = playlistLines(text)
  const numbers: Record<string, number> = {}
  const segments: PlaylistSegment[] = []
  let independentSegments = false
  let ended = false
  let map: string | null = null
  let clockMs: number | null = null
  let next = { durationSeconds: Number.NaN, discontinuity: false, gap: false }
  for (const { line, where } of lines) {
    if (!line.startsWith('#')) {
      if (Number.isNaN(next.durationSeconds)) throw new FormatError(`${where}: a segment without EXTINF`)
      const sequence = (numbers['EXT-X-MEDIA-SEQUENCE'] ?? 0) + segments.length
      segments.push({ sequence, uri: line, programDateTimeMs: clockMs, map, ...next })
      if (clockMs !== null) clockMs += next.durationSeconds * 1000
      next = { durationSeconds: Number.NaN, discontinuity: false, gap: false }
      continue
    }
    const [, name = '', value = ''] = TAG.exec(line) ?? []
    if (NUMBER_TAGS.has(name)) numbers[name] = wholeNumber(value, where)
    else if (name === 'EXTINF') next.durationSeconds = seconds(value, where)
    else if (name === 'EXT-X-PROGRAM-DATE-TIME') clockMs = instant(value, where)
    else if (name === 'EXT-X-DISCONTINUITY') next.discontinuity = true
    else if (name === 'EXT-X-GAP') next.gap = true
    else if (name === 'EXT-X-INDEPENDENT-SEGMENTS') independentSegments = true
    else if (name === 'EXT-X-ENDLIST') ended = true
    else if (name === 'EXT-X-MAP') map = attributesOf(value, where).get('URI') ?? null
    else if (name === 'EXT-X-STREAM-INF') throw new FormatError(`${where}: this is a master playlist`)
  }
  const targetDurationSeconds = numbers['EXT-X-TARGETDURATION']
  if (targetDurationSeconds === undefined) throw new FormatError('the playlist has no EXT-X-TARGETDURATION')
  return {
    version: numbers['EXT-X-VERSION'] ?? 1,
    targetDurationSeconds,
    mediaSequence: numbers['EXT-X-MEDIA-SEQUENCE'] ?? 0,
    discontinuitySequence: numbers['EXT-X-DISCONTINUITY-SEQUENCE'] ?? 0,
    independentSegments,
    ended,
    segments,
  }
}

const NUMBER_TAGS = new Set([
  'EXT-X-VERSION',
  'EXT-X-TARGETDURATION',
  'EXT-X-MEDIA-SEQUENCE',
  'EXT-X-DISCONTINUITY-SEQUENCE',
])

export type Variant = { uri: string; bandwidth: number; averageBandwidth: number | null; codecs: string | null }

/** Reads a master playlist: its variants in order. Throws a {@link FormatError} that names the line; also when there is none. */
export function parseMasterPlaylist(text: string): Variant[] {
  const variants: Variant[] = []
  let attributes: Map<string, string> | null = null
  for (const { line, where } of playlistLines(text)) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) attributes = attributesOf(line.slice(18), where)
    else if (line.startsWith('#EXTINF:')) throw new FormatError(`${where}: this is a media playlist`)
    if (line.startsWith('#')) continue
    if (!attributes) throw new FormatError(`${where}: a URI without EXT-X-STREAM-INF`)
    const average = attributes.get('AVERAGE-BANDWIDTH')
    variants.push({
      uri: line,
      bandwidth: wholeNumber(attributes.get('BANDWIDTH') ?? '', where),
      averageBandwidth: average === undefined ? null : wholeNumber(average, where),
      codecs: attributes.get('CODECS') ?? null,
    })
    attributes = null
  }
  if (variants.length === 0) throw new FormatError('the master playlist has no variant')
  return variants
}

function playlistLines(text: string): { line: string; where: string }[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), where: `line ${index + 1}` }))
  if (lines[0]?.line !== '#EXTM3U') throw new FormatError('a playlist must begin with #EXTM3U')
  return lines.slice(1).filter(({ line }) => line !== '')
}

function wholeNumber(text: string, where: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new FormatError(`${where}: '${text}' is not a whole number`)
  return Number(text)
}

function seconds(text: string, where: string): number {
  const [duration = ''] = text.split(',')
  if (!/^\d{1,9}(\.\d{1,12})?$/.test(duration)) throw new FormatError(`${where}: '${duration}' is not a duration`)
  return Number(duration)
}

function instant(text: string, where: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new FormatError(`${where}: '${text}' is not a date and time`)
  return ms
}
