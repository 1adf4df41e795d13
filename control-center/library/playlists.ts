import { isAbsolute, posix, relative, resolve } from 'node:path'
import { decodeText } from '../../media/text-encoding.ts'

/** An entry as written. Addresses (`file://`, and all entries of XSPF) are percent-encoded; paths are not, or by mistake. */
export type PlaylistEntry = { written: string }

export type ResolvedPlaylist = {
  /** Relative to the music folder, in the playlist's order; a file may come twice. */
  files: string[]
  problems: string[]
}

const ENTRIES_MAX = 20_000

/** Reads m3u, m3u8, pls and xspf, by the file's ending. Never throws: what can't be understood has no entries. */
export function parsePlaylist(bytes: Uint8Array, name: string): PlaylistEntry[] {
  const text = bytes[0] === 0xff && bytes[1] === 0xfe ? new TextDecoder('utf-16le').decode(bytes) : decodeText(bytes)
  const ending = posix.extname(name).toLowerCase()
  const written = ending === '.pls' ? fromPls(text) : ending === '.xspf' ? fromXspf(text) : fromM3u(text)
  return written.slice(0, ENTRIES_MAX).map((entry) => ({ written: entry }))
}

/**
 * The files that entries mean. Paths are relative to the playlist's own folder. What lies outside the music folder is
 * refused, what is not there is reported; the rest is played.
 */
export function resolvePlaylist(
  entries: readonly PlaylistEntry[],
  playlist: { file: string; musicFolder: string },
  isThere: (file: string) => boolean,
): ResolvedPlaylist {
  const resolved: ResolvedPlaylist = { files: [], problems: [] }
  for (const { written } of entries) {
    const meant = candidates(written, playlist)
    if ('refused' in meant) resolved.problems.push(`"${written}": ${meant.refused}`)
    else {
      const file = meant.files.find(isThere)
      if (file) resolved.files.push(file)
      else resolved.problems.push(`"${written}" is not there, or can't be played`)
    }
  }
  if (!entries.length) resolved.problems.push('no entries are in it')
  return resolved
}

/** What an entry may mean, likeliest first: as written, percent-decoded, with Windows' slashes, in the other Unicode form. */
function candidates(
  written: string,
  { file, musicFolder }: { file: string; musicFolder: string },
): { files: string[] } | { refused: string } {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(written)?.[1]?.toLowerCase()
  if (scheme && scheme !== 'file') return { refused: 'only files can be planned, not addresses on the network' }
  const path = scheme ? percentDecoded(written.replace(/^file:(\/\/(localhost)?(?=\/))?/i, '')) : written
  const spellings = [path, percentDecoded(path), path.replaceAll('\\', '/')]
  const forms = spellings.flatMap((spelling) => [spelling, spelling.normalize('NFC'), spelling.normalize('NFD')])
  const folder = resolve(musicFolder, posix.dirname(file))
  const places = [...new Set(forms)].map((form) => relative(musicFolder, resolve(folder, form)))
  const inside = places.filter((place) => place && !place.startsWith('..') && !isAbsolute(place))
  return inside.length ? { files: inside } : { refused: 'it lies outside the music folder' }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that means itself: 100%.mp3
    return text
  }
}

const linesOf = (text: string): string[] => text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)

function fromM3u(text: string): string[] {
  return linesOf(text)
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'))
}

/** `File2=path`, in the order of their numbers. */
function fromPls(text: string): string[] {
  return linesOf(text)
    .map((line) => /^\s*File(\d+)\s*=\s*(.*?)\s*$/i.exec(line))
    .filter((match) => match?.[2])
    .map((match) => ({ number: Number(match![1]), path: match![2]! }))
    .sort((one, other) => one.number - other.number)
    .map((entry) => entry.path)
}

/** The first location of each track (XSPF 1, 4.1.1.2.14.1.1.1.1). */
function fromXspf(text: string): string[] {
  const plain = text.replace(/<!--[\s\S]*?-->/g, '')
  return [...plain.matchAll(/<track\b[^>]*>([\s\S]*?)<\/track\s*>/g)]
    .map((track) => /<location\b[^>]*>([\s\S]*?)<\/location\s*>/.exec(track[1]!)?.[1])
    .filter((location) => location !== undefined)
    .map((location) => xmlText(location).trim())
    .filter((location) => location !== '')
}

function xmlText(markup: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return markup.replace(
    /<!\[CDATA\[([\s\S]*?)\]\]>|&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, verbatim, hexadecimal, decimal, name) => {
      if (verbatim !== undefined) return verbatim
      if (name) return named[name] ?? whole
      const code = hexadecimal ? Number.parseInt(hexadecimal, 16) : Number(decimal)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}
