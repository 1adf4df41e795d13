import { playbackSignatureOf } from '../../platform/credentials.ts'
import type { PlaybackAnswer } from '../../schemas/api-live.ts'

/**
 * The address of the station's stream at an edge. Signed, the prefix holds for all that lies below it; relative addresses in playlists
 * keep it, and the edge's cache does not see it.
 */
export function playbackAddress(asked: {
  /** `http://host:port` */
  edgeUrl: string
  stationId: string
  /** Null: listening needs no signature. */
  playbackKey: string | null
  expires: number
}): PlaybackAnswer {
  const { edgeUrl, stationId, playbackKey, expires } = asked
  const path = `/hls/${stationId}/master.m3u8`
  if (playbackKey === null) return { url: edgeUrl + path, expiresMs: null }
  return {
    url: `${edgeUrl}/s/${expires}.${playbackSignatureOf(playbackKey, expires)}${path}`,
    expiresMs: expires * 1000,
  }
}
