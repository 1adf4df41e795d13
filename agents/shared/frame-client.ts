import { decodeFrameBundle, type FrameBundle } from '../../media/frame-bundle.ts'
import { bearerOf } from '../../platform/credentials.ts'
import type { HttpClient } from '../../platform/http-client.ts'
import { check } from '../../schemas/check.ts'
import { NewestFrames } from '../../schemas/playout.ts'

export type FrameClient = {
  /**
   * Frames [from, to) of a rendition as far as the other has them, with the markers of their segments. `waitMs` (at most 5,000):
   * how long the other may wait for the first one. Rejects with an Error when it can't be asked or says no.
   */
  fetchFrames(
    url: string,
    rendition: string,
    from: number,
    to: number,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<FrameBundle>
  /** Rejects likewise. */
  fetchNewest(url: string, signal?: AbortSignal): Promise<NewestFrames>
}

/** Five segments at 512 kbit/s, with room. */
const BUNDLE_BYTES_MAX = 8 * 1024 * 1024
const BUNDLE_TIMEOUT_MS = 2_000
const NEWEST_TIMEOUT_MS = 1_000

/** Asks playout and slicers for frames, showing the node's credential (null as long as there is none). */
export function createFrameClient(
  http: HttpClient,
  credential: () => { id: string; credential: string } | null,
): FrameClient {
  const headers = (): Record<string, string> => {
    const own = credential()
    return own ? { authorization: bearerOf(own.id, own.credential) } : {}
  }

  async function get(url: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Buffer> {
    const answer = await http.ask({ url, headers: headers(), timeoutMs, bytesMax: BUNDLE_BYTES_MAX, signal })
    if (answer.status === 200) return answer.body
    throw new Error(`${new URL(url).host} answered ${answer.status}: ${answer.body.toString('utf8', 0, 200)}`)
  }

  return {
    async fetchFrames(url, rendition, from, to, waitMs, signal) {
      const wait = waitMs > 0 ? `&waitMs=${waitMs}` : ''
      const path = `${url}/frames/${rendition}?from=${from}&to=${to}${wait}`
      const bundle = decodeFrameBundle(await get(path, BUNDLE_TIMEOUT_MS + waitMs, signal))
      if (bundle.frames.some(({ frame }) => frame < from || frame >= to))
        throw new Error(`${new URL(url).host} answered frames that were not asked for`)
      return bundle
    },
    async fetchNewest(url, signal) {
      const body = await get(`${url}/frames/newest`, NEWEST_TIMEOUT_MS, signal)
      const checked = check(NewestFrames, JSON.parse(body.toString('utf8')))
      if (!checked.ok) throw new Error(`${new URL(url).host}: ${checked.problems[0]?.message ?? 'no newest frames'}`)
      return checked.value
    },
  }
}
