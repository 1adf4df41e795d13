import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { IAudioMetadata } from 'music-metadata'
import { decodeAs, encodingOf, type TextEncoding } from '../../media/text-encoding.ts'
import type { Clock } from '../../platform/clock.ts'
import { sleep } from '../../platform/clock.ts'

/** What listeners read. The title is never empty; the artist is, when nobody knows. */
export type Tags = { title: string; artist: string; album?: string }
type RawTags = { title?: string; artist?: string; album?: string }

const TEXT_LENGTH_MAX = 200
const LIMIT_MS = 15_000

/** Title, artist and album of a file, put right where their encoding was lost; else what the file's name tells. Never rejects. */
export async function readTags(path: string, clock: Clock): Promise<Tags> {
  const done = new AbortController()
  try {
    const late = sleep(clock, LIMIT_MS, done.signal).then(() => ({}))
    return tagsOf(await Promise.race([read(path), late]), path)
  } catch {
    // Tags are a courtesy: a file without readable ones is played all the same.
    return tagsOf({}, path)
  } finally {
    done.abort()
  }
}

async function read(path: string): Promise<RawTags> {
  const { parseFile, parseStream } = await import('music-metadata')
  const options = { duration: false, skipCovers: true }
  const named = await parseFile(path, options).then(wanted, () => ({}))
  if (Object.keys(named).length > 0) return named
  // The reader believes the file's ending; what is inside may be something else.
  const mimeType = await typeInside(path)
  if (!mimeType) return {}
  const stream = createReadStream(path)
  try {
    return wanted(await parseStream(stream, { mimeType }, options))
  } finally {
    stream.destroy()
  }
}

/** By the signatures that containers begin with (RFC 9639, RFC 3533, ISO/IEC 14496-12; ID3v2 and MPEG sync). */
async function typeInside(path: string): Promise<string | null> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0)
    const starts = (text: string, at = 0): boolean => buffer.toString('latin1', at, at + text.length) === text
    if (starts('fLaC')) return 'audio/flac'
    if (starts('OggS')) return 'audio/ogg'
    if (starts('ftyp', 4)) return 'audio/mp4'
    if (starts('RIFF')) return 'audio/wav'
    return starts('ID3') || (buffer[0] === 0xff && (buffer[1]! & 0xe0) === 0xe0) ? 'audio/mpeg' : null
  } finally {
    await file.close()
  }
}

function wanted({ common: { title, artist, album } }: IAudioMetadata): RawTags {
  return { ...(title && { title }), ...(artist && { artist }), ...(album && { album }) }
}

/** Repairs, cleans and completes what was found. */
export function tagsOf(found: RawTags, path: string): Tags {
  const repaired = repairEncoding(found)
  const fromName = tagsOfName(basename(path, extname(path)))
  const title = clean(repaired.title ?? '')
  const artist = clean(repaired.artist ?? '')
  const album = clean(repaired.album ?? '')
  const rest = album ? { album } : {}
  // A title without an artist is a title; a name is only asked when nobody wrote one.
  return title ? { title, artist, ...rest } : { title: fromName.title, artist: artist || fromName.artist, ...rest }
}

/**
 * ID3 has a flag for ISO 8859-1, and half the world wrote its own encoding under it. Such texts come as letters below U+0100;
 * they are the bytes that were meant. All fields of a file were written by one program: together they are the evidence.
 */
function repairEncoding(found: RawTags): RawTags {
  const fields = Object.entries(found).filter(([, text]) => /^[\0-\xff]*[\x80-\xff][\0-\xff]*$/.test(text))
  if (!fields.length) return found
  const bytes = fields.map(([, text]) => Buffer.from(text, 'latin1'))
  let encoding: TextEncoding = 'windows-1252'
  // ID3v1 cuts at 30 bytes, through the middle of a character: then the end is left out of the evidence.
  for (let cut = 0; cut <= 3 && encoding === 'windows-1252'; cut++) {
    const whole = bytes.map((text) => (text.length >= 28 ? text.subarray(0, text.length - cut) : text))
    encoding = encodingOf(Buffer.concat(whole.flatMap((text) => [text, Buffer.from('\n')])))
  }
  const texts = bytes.map((text) => decodeAs(encoding, text).replace(/\ufffd+$/, ''))
  return { ...found, ...Object.fromEntries(fields.map(([name], index) => [name, texts[index]!])) }
}

/** `03 - Artist - Title` → artist and title; `Title` → a title alone. */
function tagsOfName(name: string): { title: string; artist: string } {
  const spaced = name.includes(' ') ? name : name.replaceAll('_', ' ')
  const unnumbered = spaced.replace(/^\d{1,3}\s*[-.)]\s*(?=\S)|^0\d{1,2}\s+(?=\p{L})/u, '')
  const [artist, ...title] = unnumbered.split(/\s+[-–—]\s+/)
  if (title.length && clean(artist!) && clean(title.join(' - ')))
    return { artist: clean(artist!), title: clean(title.join(' - ')) }
  return { artist: '', title: clean(unnumbered) || clean(name) || 'Untitled' }
}

/** One line, without control characters and direction overrides, of bounded length. */
function clean(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Cs}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  const characters = [...plain]
  return characters.length > TEXT_LENGTH_MAX ? `${characters.slice(0, TEXT_LENGTH_MAX - 1).join('')}…` : plain
}
