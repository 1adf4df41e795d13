import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Static, TSchema } from 'typebox'
import { sampleAtMs } from '../../../media/timeline.ts'
import { check } from '../../../schemas/check.ts'
import { LivePlan } from '../../../schemas/live.ts'
import { type PlacedItem, type PlayoutStatus, PushTargets, type TargetStatus } from '../../../schemas/playout.ts'
import { type AsRunEntry, Rundown, type Rung } from '../../../schemas/rundown.ts'

import { createFakeLive } from './fake-live.ts'

/**
 * Playout's control door as the control center sees it. It checks what the real one checks: the token, the schemas, and that versions do
 * not go back; and it keeps rundown and targets over a restart, as the real one does on its disk.
 */
export async function startFakePlayout(controlToken: string, port = 0) {
  const held = {
    rundown: null as Rundown | null,
    targets: null as PushTargets | null,
    livePlan: null as LivePlan | null,
    asRun: [] as AsRunEntry[],
  }
  const live = createFakeLive()
  const seen = { puts: [] as string[], targetLists: [] as string[][], refusals: [] as string[], statuses: 0 }
  /** How far playout's anchored clock is from the wall. */
  const clock = { offsetMs: 0 }
  /** Where it says that it stands on the ladder. */
  const ladder = { rung: 'scheduled' as Rung }
  /** How it says that its targets stand. */
  const statuses: TargetStatus[] = []
  const nowMs = (): number => Date.now() + clock.offsetMs
  let server: Server
  let generation = 7

  const onAir = (): PlacedItem | null => {
    const sample = sampleAtMs(nowMs())
    const item = held.rundown?.items.findLast(({ startSample }) => startSample <= sample)
    if (!item) return null
    const { id: itemId, kind, title, artist, startSample, lengthSamples } = item
    return { itemId, kind, title, artist, rung: 'scheduled', startSample, endSample: startSample + lengthSamples }
  }
  const status = (): PlayoutStatus => ({
    stationId: 'test-radio',
    generation,
    nowMs: nowMs(),
    clock: { wallOffsetMs: clock.offsetMs, alarm: null },
    newestFrame: { high: 1 },
    firstAvailableFrame: 0,
    lateMs: 3,
    rung: ladder.rung,
    onAir: onAir(),
    next: null,
    rundownVersion: held.rundown?.version ?? 0,
    rundownUntilMs: 0,
    targetsVersion: held.targets?.version ?? 0,
    livePlanVersion: held.livePlan?.version ?? 0,
    targets: statuses,
    counters: { encoderRestarts: 0, stepsDown: {}, framesLost: 0 },
    alarms: [],
  })
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (code: number, body: unknown): void => {
      if (code >= 400) seen.refusals.push(`${request.method} ${request.url} ${code}`)
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (request.headers.authorization !== `Bearer ${controlToken}`) return answer(401, { error: 401 })
    const url = new URL(request.url ?? '/', 'http://playout')
    if (request.method === 'GET' && url.pathname === '/status') {
      seen.statuses += 1
      return answer(200, status())
    }
    if (request.method === 'GET' && url.pathname === '/as-run') return answer(200, { entries: held.asRun })
    if (url.pathname.startsWith('/live') && request.method !== 'PUT')
      return live.handle(request, response, url.pathname, answer)
    if (request.method !== 'PUT') return answer(404, { error: 404 })
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body: unknown = JSON.parse(Buffer.concat(parts).toString())
    const take = <S extends TSchema>(schema: S, version: number | undefined, keep: (value: Static<S>) => void) => {
      const checked = check(schema, body)
      if (!checked.ok) return answer(400, checked.problems)
      const offered = (checked.value as { version: number }).version
      if (offered < (version ?? 0)) return answer(409, { error: 409 })
      keep(checked.value)
      seen.puts.push(`${url.pathname} ${offered}`)
      answer(200, { version: offered })
    }
    if (url.pathname === '/rundown')
      return take(Rundown, held.rundown?.version, (rundown: Rundown) => {
        held.rundown = rundown
      })
    if (url.pathname === '/targets')
      return take(PushTargets, held.targets?.version, (targets: PushTargets) => {
        held.targets = targets
        seen.targetLists.push(targets.targets.map(({ id }) => id))
      })
    if (url.pathname === '/live/plan')
      return take(LivePlan, held.livePlan?.version, (plan: LivePlan) => {
        held.livePlan = plan
      })
    return answer(404, { error: 404 })
  }
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer((request, response) => void handle(request, response))
      server.on('error', reject)
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port
        resolve()
      })
    })
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    held,
    seen,
    clock,
    ladder,
    live,
    statuses,
    start,
    stop,
    /** A new generation, as after a crash. */
    restart: (): void => void generation++,
    targetIds: (): string[] => (held.targets?.targets ?? []).map(({ id }) => id),
  }
}
