import { createHttpClient } from '../../platform/http-client.ts'
import { check } from '../../schemas/check.ts'
import type { Peer } from '../../schemas/nodes.ts'
import { NewestFrames } from '../../schemas/playout.ts'

/** How long a starting playout asks around: listeners' buffers are running meanwhile. */
const ASK_TIMEOUT_MS = 400
const SLICERS_ASKED_MAX = 16

/** The newest frame of each rendition that any slicer has, and the highest generation. Who does not answer in time does not count. */
export async function newestReported(peers: readonly Peer[]): Promise<NewestFrames> {
  const slicers = peers.filter(({ role }) => role === 'slicer').slice(0, SLICERS_ASKED_MAX)
  const answers = await Promise.all(slicers.map(({ url }) => ask(url)))
  const newest: NewestFrames = { generation: 0, newestFrame: {}, firstAvailableFrame: 0 }
  for (const answer of answers) {
    newest.generation = Math.max(newest.generation, answer?.generation ?? 0)
    for (const [rendition, frame] of Object.entries(answer?.newestFrame ?? {}))
      newest.newestFrame[rendition] = Math.max(newest.newestFrame[rendition] ?? 0, frame)
  }
  return newest
}

async function ask(url: string): Promise<NewestFrames | null> {
  const client = createHttpClient(url, 65_536)
  try {
    const answer = await client.send({ method: 'GET', path: '/frames/newest', timeoutMs: ASK_TIMEOUT_MS })
    const checked = check(NewestFrames, JSON.parse(answer.body.toString('utf8')))
    return answer.status === 200 && checked.ok ? checked.value : null
  } catch {
    return null
  } finally {
    client.close()
  }
}
