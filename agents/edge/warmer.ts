import { INIT_NAME, type Packaging, playlistNames, segmentExtensions } from '../../media/playlists.ts'
import type { HttpClient } from '../../platform/http-client.ts'
import type { Logger } from '../../platform/log.ts'
import { AGENT_USER_AGENT, RENEW_HEADER } from './nginx/configuration.ts'

/**
 * Fetches a new segment through nginx before listeners do, so that none of them waits for a slicer that hangs or drips; then the
 * playlists anew, so that listeners learn of it at once, and there is a last one to be served when every slicer fails, even if nobody has
 * listened for a while.
 * Other packagings than CMAF only while somebody listens to them.
 */
export function createWarmer(
  /** Asked for each time: it may hold a signature. */
  edgeUrl: () => string,
  cacheSalt: () => string,
  station: () => string,
  isHeard: (path: string) => boolean,
  http: HttpClient,
  log: Logger,
): (rendition: string, segment: number) => Promise<void> {
  const fetchAll = (paths: string[], headers: Record<string, string> = {}): Promise<unknown> =>
    Promise.all(
      paths.map((path) =>
        http
          .ask({
            url: `${edgeUrl()}${path}`,
            headers: { 'user-agent': AGENT_USER_AGENT, ...headers },
            timeoutMs: 4_000,
            bytesMax: 4 * 1024 * 1024,
          })
          .catch((error: Error) => log.debug({ path, reason: error.message }, 'the cache could not be warmed')),
      ),
    )
  return async (rendition, segment) => {
    const folder = `/hls/${station()}/${rendition}`
    const packagings = (Object.keys(playlistNames) as Packaging[]).filter(
      (packaging) => packaging === 'cmaf' || isHeard(`${folder}/${playlistNames[packaging]}`),
    )
    await fetchAll(packagings.map((packaging) => `${folder}/${segment}.${segmentExtensions[packaging]}`))
    await fetchAll(
      [
        `/hls/${station()}/master.m3u8`,
        `${folder}/${INIT_NAME}`,
        ...packagings.map((packaging) => `${folder}/${playlistNames[packaging]}`),
      ],
      { [RENEW_HEADER]: cacheSalt() },
    )
  }
}
