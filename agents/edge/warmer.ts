import type { Logger } from '../../platform/log.ts'
import type { HttpClient } from '../shared/http-client.ts'
import { AGENT_USER_AGENT } from './nginx/configuration.ts'

/**
 * Fetches a new segment through nginx before listeners do, so that none of them waits for a slicer that hangs or drips.
 * Other packagings than CMAF only while somebody listens to them.
 */
export function createWarmer(
  edgeUrl: string,
  station: () => string,
  isHeard: (path: string) => boolean,
  http: HttpClient,
  log: Logger,
): (rendition: string, segment: number) => Promise<void> {
  return async (rendition, segment) => {
    const folder = `/hls/${station()}/${rendition}`
    const names = [
      `${segment}.m4s`,
      ...(isHeard(`${folder}/ts.m3u8`) ? [`${segment}.ts`] : []),
      ...(isHeard(`${folder}/adts.m3u8`) ? [`${segment}.aac`] : []),
    ]
    await Promise.all(
      names.map((name) =>
        http
          .ask({
            url: `${edgeUrl}${folder}/${name}`,
            headers: { 'user-agent': AGENT_USER_AGENT },
            timeoutMs: 4_000,
            bytesMax: 4 * 1024 * 1024,
          })
          .catch((error: Error) => log.debug({ name, reason: error.message }, 'a segment could not be warmed')),
      ),
    )
  }
}
