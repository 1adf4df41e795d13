import { type Clock, systemClock } from '../../platform/clock.ts'
import { createHttpRecorder, type HttpRecorder } from './http-recorder.ts'
import { readMasterPlaylist } from './read-playlist.ts'
import { fetchWithRetries, playlistRetries } from './retries.ts'
import { fetchListed, fetchPlaylist, type Window } from './window.ts'

export type OriginDifference = {
  /** What was compared: `high/ts.m3u8`, `high/index.m3u8 segment 447600000`. */
  what: string
  sentence: string
}

export type OriginComparison = {
  a: string
  b: string
  playlistsCompared: number
  segmentsCompared: number
  bytesCompared: number
  differences: OriginDifference[]
}

export type CompareOptions = {
  clock?: Clock
  http?: HttpRecorder
  signal?: AbortSignal | undefined
  /** Media playlists to compare, relative to each variant's own. Default: the three packagings. */
  playlists?: readonly string[]
}

/** The media playlists beside each variant's: CMAF, MPEG-TS and packed audio. */
const PACKAGINGS = ['index.m3u8', 'ts.m3u8', 'adts.m3u8']
/**
 * Two playlists fetched at the same instant may still be one segment apart, one of them coming out of a cache: then another look, this much
 * later. Segments are four seconds long, so that of a few looks one falls where both have the same.
 */
const NEXT_LOOK_MS = 900
const LOOKS_MAX = 4

/**
 * Asks two origins the same questions at the same instant, and compares the answers byte for byte: master playlist, media playlists, init
 * sections, every segment in the window, in every packaging of every rendition. Throws when a master playlist can't be read.
 */
export async function compareOrigins(a: string, b: string, options: CompareOptions = {}): Promise<OriginComparison> {
  const clock = options.clock ?? systemClock
  const http = options.http ?? createHttpRecorder(clock)
  const comparison: OriginComparison = {
    a,
    b,
    playlistsCompared: 0,
    segmentsCompared: 0,
    bytesCompared: 0,
    differences: [],
  }
  const [masterA, masterB] = await Promise.all([
    fetchText(a, http, clock, options.signal),
    fetchText(b, http, clock, options.signal),
  ])
  compareTexts('master playlist', masterA, masterB, comparison)
  const variants = readMasterPlaylist(masterA, a)?.map(({ url }) => url) ?? [a]
  const variantsB = readMasterPlaylist(masterB, b)?.map(({ url }) => url) ?? [b]
  for (const [index, variant] of variants.entries()) {
    const variantB = variantsB[index]
    if (!variantB) continue
    for (const name of options.playlists ?? PACKAGINGS)
      await comparePlaylists(new URL(name, variant).href, new URL(name, variantB).href, comparison, {
        clock,
        http,
        signal: options.signal,
      })
  }
  return comparison
}

type Tools = { clock: Clock; http: HttpRecorder; signal: AbortSignal | undefined }

async function comparePlaylists(urlA: string, urlB: string, comparison: OriginComparison, tools: Tools): Promise<void> {
  const what = new URL(urlA).pathname.split('/').slice(-2).join('/')
  const { clock, http, signal } = tools
  const both = () => Promise.all([fetchPlaylist(urlA, http, clock, signal), fetchPlaylist(urlB, http, clock, signal)])
  try {
    let [a, b] = await both()
    for (let look = 1; look < LOOKS_MAX && a.text !== b.text; look++) {
      await new Promise<void>((resolve) => void clock.after(NEXT_LOOK_MS, resolve))
      ;[a, b] = await both()
    }
    comparison.playlistsCompared += 1
    compareTexts(what, a.text, b.text, comparison)
    const [mediaA, mediaB] = await Promise.all([
      fetchListed(a.view, http, clock, signal),
      fetchListed(b.view, http, clock, signal),
    ])
    compareMedia(what, mediaA, mediaB, comparison)
  } catch (error) {
    signal?.throwIfAborted()
    comparison.differences.push({ what, sentence: `could not be compared: ${(error as Error).message}` })
  }
}

type Media = Pick<Window, 'init' | 'segments'>

function compareMedia(what: string, a: Media, b: Media, comparison: OriginComparison): void {
  if (a.init || b.init) compareBytes(`${what} init section`, a.init ?? 'none', b.init ?? 'none', comparison)
  for (const [sequence, bytes] of a.segments) {
    const other = b.segments.get(sequence)
    if (other === undefined) continue
    comparison.segmentsCompared += 1
    compareBytes(`${what} segment ${sequence}`, bytes, other, comparison)
  }
}

function compareTexts(what: string, a: string, b: string, comparison: OriginComparison): void {
  if (a === b) return
  const linesB = b.split('\n')
  const line = a.split('\n').findIndex((text, index) => text !== linesB[index])
  const sentence =
    line < 0 ? 'the second is longer' : `line ${line + 1} is "${a.split('\n')[line]}" and "${linesB[line] ?? ''}"`
  comparison.differences.push({ what, sentence })
}

function compareBytes(what: string, a: Buffer | string, b: Buffer | string, comparison: OriginComparison): void {
  if (typeof a === 'string' || typeof b === 'string') {
    const answers = [a, b].map((side) => (typeof side === 'string' ? side : `${side.length} bytes`))
    comparison.differences.push({ what, sentence: `answered with ${answers.join(' and ')}` })
    return
  }
  comparison.bytesCompared += a.length
  if (a.equals(b)) return
  const first = a.findIndex((byte, index) => byte !== b[index])
  const differing =
    a.length === b.length
      ? `${a.filter((byte, index) => byte !== b[index]).length} bytes differ`
      : `${a.length} and ${b.length} bytes`
  comparison.differences.push({ what, sentence: `${differing}, the first at ${first < 0 ? a.length : first}` })
}

async function fetchText(url: string, http: HttpRecorder, clock: Clock, signal?: AbortSignal): Promise<string> {
  const fetched = await fetchWithRetries(http, url, { ...playlistRetries, errorRetries: 3 }, clock, signal)
  if (!fetched.ok) throw new Error(`${url}: ${fetched.record.error}`)
  return fetched.bytes.toString('utf8')
}
