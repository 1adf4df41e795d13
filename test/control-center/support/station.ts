import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startControlCenter } from '../../../control-center/control-center.ts'
import { systemClock } from '../../../platform/clock.ts'
import { bearerOf } from '../../../platform/credentials.ts'
import type { Heartbeat, NodeBriefing, NodeRegistered, NodeRegistration } from '../../../schemas/nodes.ts'
import { fakeLibrary } from './fake-library.ts'
import { startFakePlayout } from './fake-playout.ts'
import { freePort } from './free-port.ts'
import { startRedis } from './redis-server.ts'

export const JOIN_TOKEN = 'join-token-of-the-tests'
const CONTROL_TOKEN = 'control-token-of-the-tests'
export const PLAYBACK_SECRET = 'playback-secret-of-the-tests'
/** Nodes beat every 200 ms here: silence is 600 ms. */
export const BEAT_MS = 200

export type Station = Awaited<ReturnType<typeof startStation>>

/** A control center with a real Redis and a playout that checks what the real one checks, all on free ports. */
export async function startStation(
  options: { redis?: 'dead'; playout?: 'dead'; stationFile?: string; tlsPort?: number } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'airtight-control-center-'))
  const stationPath = join(folder, 'station.yaml')
  const beginning = 'id: test-radio\nname: Test Radio\ntimeZone: Europe/Berlin\n'
  writeFileSync(stationPath, beginning + (options.stationFile ?? ''))
  const redis = await startRedis()
  if (options.redis === 'dead') await redis.kill()
  const playout = await startFakePlayout(CONTROL_TOKEN)
  if (options.playout === 'dead') await playout.stop()
  const { library, state } = fakeLibrary()

  const start = () =>
    startControlCenter(
      {
        stationPath,
        dataFolder: join(folder, 'control-center'),
        host: '127.0.0.1',
        port,
        tlsPort: options.tlsPort ?? null,
        redisUrl: redis.url,
        playoutUrl: playout.url,
        playoutPublicUrl: playout.url,
        musicFolder: null,
      },
      {
        clock: systemClock,
        log: pino({ level: 'silent' }),
        environment: {
          AIRTIGHT_JOIN_TOKEN: JOIN_TOKEN,
          AIRTIGHT_CONTROL_TOKEN: CONTROL_TOKEN,
          AIRTIGHT_PLAYBACK_SECRET: PLAYBACK_SECRET,
        },
        pace: { heartbeatMs: BEAT_MS, playoutMs: 50, plannerMs: 50, planPauseMs: 100, stationFileMs: 50 },
        openLibrary: () => library,
      },
    )
  const port = await freePort()
  let center: Awaited<ReturnType<typeof start>> | null = await start()
  const url = `http://127.0.0.1:${port}`

  return {
    url,
    redis,
    playout,
    folder,
    library: state,
    writeStationFile: (text: string) => writeFileSync(stationPath, text),
    addToStationFile: (text: string) => writeFileSync(stationPath, beginning + text),
    async get<T>(path: string): Promise<T> {
      // The connection kept from before a restart is dead: then a new one is made.
      const answer = await fetch(url + path).catch(() => fetch(url + path))
      return answer.json() as Promise<T>
    },
    async stopCenter(): Promise<void> {
      await center?.stop()
      center = null
    },
    async startCenter(): Promise<void> {
      center = await start()
    },
    async end(): Promise<void> {
      await center?.stop()
      await playout.stop().catch(() => undefined)
      await redis.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const registrationOf = (id: string, change: Partial<NodeRegistration> = {}): NodeRegistration => ({
  joinToken: JOIN_TOKEN,
  id,
  role: 'slicer',
  address: '127.0.0.1',
  httpPort: 9101,
  rtmpPort: 19_101,
  application: 'live',
  softwareVersion: '0.1.0',
  packagingVersions: [1],
  generation: 0,
  ...change,
})

export const post = (url: string, body: unknown, authorization?: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
    body: JSON.stringify(body),
  })

/** A node that registers and beats by itself, until it is stopped. */
export async function joinNode(url: string, id: string, change: Partial<NodeRegistration> = {}) {
  const answer = await post(`${url}/api/nodes/register`, registrationOf(id, change))
  if (answer.status !== 200) throw new Error(`${id} was refused: ${await answer.text()}`)
  const registered = (await answer.json()) as NodeRegistered
  const authorization = bearerOf(id, registered.credential)
  const words = { ready: true, reason: 'all is well' }
  const heard = { lastStatus: 0, briefing: registered.briefing }
  const beat = async (): Promise<Response> => {
    const body: Heartbeat = {
      generation: registered.generation,
      ...words,
      newestSegment: { high: 5 },
      newestFrame: { high: 1000 },
      newestSegmentAgeMs: { high: 900 },
      framesMissing: 0,
      pushConnected: true,
      memoryBytes: 1,
      diskFreeBytes: 1,
      softwareVersion: '0.1.0',
    }
    const say = () => post(`${url}/api/nodes/${id}/heartbeat`, body, authorization)
    const response = await say().catch(say)
    heard.lastStatus = response.status
    if (response.ok) heard.briefing = (await response.clone().json()) as NodeBriefing
    return response
  }
  await beat()
  const timer = setInterval(() => void beat().catch(() => undefined), BEAT_MS)
  return {
    registered,
    authorization,
    words,
    heard,
    beat,
    /** Falls silent, as a killed process does. */
    die: () => clearInterval(timer),
  }
}
