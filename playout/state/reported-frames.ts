import type { Clock } from '../../platform/clock.ts'
import { createHttpClient, type HttpClient } from '../../platform/http-client.ts'
import { check } from '../../schemas/check.ts'
import type { Peer } from '../../schemas/nodes.ts'
import { NewestFrames } from '../../schemas/playout.ts'

/** How long a starting playout asks around: listeners' buffers are running meanwhile. */
const ASK_TIMEOUT_MS = 400
const SLICERS_ASKED_MAX = 16

/**
 * The newest frame of each rendition that any slicer has, and the highest generation. Who does not answer in time does not count; nor does
 * who claims a frame beyond `plausibleFrame`: one node that errs would move the timeline of the station for ever. They are in `doubted`.
 */
export async function newestReported(
  peers: readonly Peer[],
  clock: Clock,
  plausibleFrame: number,
): Promise<NewestFrames & { doubted: string[] }> {
  const slicers = peers.filter(({ role }) => role === 'slicer').slice(0, SLICERS_ASKED_MAX)
  const http = createHttpClient(clock)
  const answers = await Promise.all(slicers.map(({ url }) => ask(http, url)))
  http.close()
  const doubted: string[] = []
  const newest: NewestFrames = { generation: 0, newestFrame: {}, firstAvailableFrame: 0 }
  for (const [index, answer] of answers.entries()) {
    if (answer && Math.max(0, ...Object.values(answer.newestFrame)) > plausibleFrame) {
      doubted.push(slicers[index]!.id)
      continue
    }
    newest.generation = Math.max(newest.generation, answer?.generation ?? 0)
    for (const [rendition, frame] of Object.entries(answer?.newestFrame ?? {}))
      newest.newestFrame[rendition] = Math.max(newest.newestFrame[rendition] ?? 0, frame)
  }
  return { ...newest, doubted }
}

async function ask(http: HttpClient, url: string): Promise<NewestFrames | null> {
  try {
    const answer = await http.ask({ url: `${url}/frames/newest`, timeoutMs: ASK_TIMEOUT_MS, bytesMax: 65_536 })
    const checked = check(NewestFrames, JSON.parse(answer.body.toString('utf8')))
    return answer.status === 200 && checked.ok ? checked.value : null
  } catch {
    return null
  }
}
