import { bearerOf } from '../../../platform/credentials.ts'
import type { HttpClient } from '../../../platform/http-client.ts'
import { check } from '../../../schemas/check.ts'
import { SegmentMarker } from '../../../schemas/markers.ts'

/** Playout's hash of a segment's frames; null when it cannot be had. Never rejects. */
export async function playoutHash(
  playoutUrl: string,
  rendition: string,
  segment: number,
  own: { id: string; credential: string },
  http: HttpClient,
): Promise<string | null> {
  try {
    const answer = await http.ask({
      url: `${playoutUrl}/segments/${rendition}/${segment}`,
      headers: { authorization: bearerOf(own.id, own.credential) },
      timeoutMs: 1_000,
      bytesMax: 256 * 1024,
    })
    if (answer.status !== 200) return null
    const marker = check(SegmentMarker, JSON.parse(answer.body.toString('utf8')))
    return marker.ok && marker.value.segment === segment ? marker.value.sha256 : null
  } catch {
    return null
  }
}
