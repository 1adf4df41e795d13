import type { Clock } from '../../platform/clock.ts'
import type { HttpRecorder } from './http-recorder.ts'
import type { PlaylistView } from './playlist-history.ts'
import { readMediaPlaylist } from './read-playlist.ts'
import { fetchWithRetries, playlistRetries, segmentRetries } from './retries.ts'

/** Everything that a media playlist makes fetchable, as bytes, at one instant. */
export type Window = {
  url: string
  playlist: string
  view: PlaylistView
  init: Buffer | null
  /** By media sequence. A segment that could not be fetched holds the reason. */
  segments: Map<number, Buffer | string>
}

/** How often a request is tried again: a comparison need not be patient. */
const FEW = { timeoutRetries: 1, errorRetries: 2, errorDelayMs: 300, errorDelayMostMs: 300 }

/** The playlist alone. Throws an Error in a sentence when it can't be had. */
export async function fetchPlaylist(
  url: string,
  http: HttpRecorder,
  clock: Clock,
  signal?: AbortSignal,
): Promise<{ text: string; view: PlaylistView }> {
  const fetched = await fetchWithRetries(http, url, { ...playlistRetries, ...FEW }, clock, signal)
  if (!fetched.ok) throw new Error(`${url}: ${fetched.record.error}`)
  const text = fetched.bytes.toString('utf8')
  const read = readMediaPlaylist(text, fetched.url)
  if (!read.ok) throw new Error(`${url}: ${read.sentence}`)
  return { text, view: read.view }
}

/** The playlist and every segment in it, newest first, so that none leaves the window meanwhile. Throws as {@link fetchPlaylist}. */
export async function fetchWindow(
  url: string,
  http: HttpRecorder,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Window> {
  const { text, view } = await fetchPlaylist(url, http, clock, signal)
  return { url, playlist: text, ...(await fetchListed(view, http, clock, signal)), view }
}

/** The init section and the segments of a playlist. */
export async function fetchListed(
  view: PlaylistView,
  http: HttpRecorder,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Pick<Window, 'init' | 'segments'>> {
  const policy = { ...segmentRetries, ...FEW }
  const segments: Window['segments'] = new Map()
  const initUrl = view.segments[0]?.initUrl
  const fetchedInit = initUrl ? await fetchWithRetries(http, initUrl, policy, clock, signal) : null
  for (const { sequence, url } of view.segments.toReversed()) {
    const fetched = await fetchWithRetries(http, url, policy, clock, signal)
    segments.set(sequence, fetched.ok ? fetched.bytes : (fetched.record.error ?? 'failed'))
  }
  return { init: fetchedInit?.ok ? fetchedInit.bytes : null, segments }
}
