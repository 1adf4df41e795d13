import type { Clock } from '../../platform/clock.ts'
import type { HttpRecorder } from './http-recorder.ts'
import { readMasterPlaylist } from './read-playlist.ts'
import { fetchWithRetries, playlistRetries } from './retries.ts'

/**
 * The media playlist behind a URL: of a master playlist the first variant, or the one whose address contains `rendition`; a media playlist
 * is itself. Throws an Error in a sentence when there is none.
 */
export async function resolveVariant(
  url: string,
  rendition: string | undefined,
  http: HttpRecorder,
  clock: Clock,
  signal?: AbortSignal,
): Promise<string> {
  const fetched = await fetchWithRetries(http, url, playlistRetries, clock, signal)
  if (!fetched.ok) throw new Error(`${url} could not be loaded: ${fetched.record.error}`)
  const variants = readMasterPlaylist(fetched.bytes.toString('utf8'), fetched.url)
  if (!variants) return fetched.url
  const chosen = rendition === undefined ? variants[0] : variants.find((variant) => variant.url.includes(rendition))
  if (!chosen)
    throw new Error(`${url} lists no variant${rendition === undefined ? '' : ` with "${rendition}" in its address`}`)
  return chosen.url
}
