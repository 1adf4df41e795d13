import { type Clock, sleep } from '../platform/clock.ts'
import { createHttpClient } from '../platform/http-client.ts'
import type { StationFile } from '../schemas/station.ts'

const WAIT_MS_MAX = 90_000

/** Waits until a listener at the edge gets a playlist with segments in it. */
export async function onAir(
  edge: string,
  station: StationFile,
  clock: Clock,
): Promise<{ ok: true } | { ok: false; reason: string }> {
  const client = createHttpClient(clock)
  const url = `${edge}/hls/${station.id}/${station.renditions[0]!.id}/index.m3u8`
  const deadlineMs = clock.monotonicMs() + WAIT_MS_MAX
  let reason = ''
  try {
    while (clock.monotonicMs() < deadlineMs) {
      reason = await client.ask({ url, timeoutMs: 2_000, bytesMax: 1_000_000 }).then(
        ({ status, body }) => (status === 200 && body.includes('#EXTINF') ? '' : `the edge answers ${status}.`),
        (error: Error) => `the edge can't be reached (${error.message}).`,
      )
      if (reason === '') return { ok: true }
      await sleep(clock, 200)
    }
    return { ok: false, reason }
  } finally {
    client.close()
  }
}
