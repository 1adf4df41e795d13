import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import type { PlayoutStatus, PushTarget, PushTargets } from '../../../schemas/playout.ts'
import type { Rundown } from '../../../schemas/rundown.ts'
import { ffmpeg, MUSIC } from '../../media/real-frames.ts'
import { freePort, until } from './waiting.ts'
import type { World } from './world.ts'

const PIECE_SECONDS = 600
const PART_SECONDS = 20
const PIECES = 6

export type BenchPlayout = Awaited<ReturnType<typeof startPlayout>>

/** The real playout as a process of its own, on air with an hour of one long piece; told by us what the control center would tell it. */
export async function startPlayout(world: World, renditions: readonly { id: string; bitrateKbps: number }[]) {
  const controlToken = randomBytes(16).toString('hex')
  const piece = join(world.folder, 'piece.mp3')
  const part = join(world.folder, 'part.mp3')
  ffmpeg(['-f', 'lavfi', '-i', MUSIC, '-t', String(PART_SECONDS), '-b:a', '192k', '-ac', '2', part])
  ffmpeg(['-stream_loop', String(PIECE_SECONDS / PART_SECONDS), '-i', part, '-c', 'copy', piece])
  const stationFile = join(world.folder, 'station.yaml')
  writeFileSync(
    stationFile,
    `id: bench\nrenditions:\n${renditions.map(({ id, bitrateKbps }) => `  - { id: ${id}, bitrateKbps: ${bitrateKbps}, channels: 2 }\n`).join('')}`,
  )
  const data = join(world.folder, 'playout')
  mkdirSync(data)
  const port = await freePort()
  const child = world.program(
    'playout/main.js',
    ['--station', stationFile, '--data', data, '--port', String(port), '--music', world.folder],
    { env: { ...process.env, AIRTIGHT_CONTROL_TOKEN: controlToken, AIRTIGHT_LOG_LEVEL: 'error' } },
  )
  const base = `http://127.0.0.1:${port}`
  const ask = async (method: string, path: string, body?: unknown): Promise<string> => {
    const headers = { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' }
    const response = await fetch(base + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    const text = await response.text()
    if (!response.ok && path !== '/healthz') throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text
  }
  await until('playout answers', 15_000, () => ask('GET', '/healthz'))
  await ask('PUT', '/rundown', rundownOf(piece, systemClock.wallMs() - 300_000))
  const status = async (): Promise<PlayoutStatus> => JSON.parse(await ask('GET', '/status')) as PlayoutStatus
  await until('playout is on air and has caught up', 60_000, async () => {
    const { newestFrame, lateMs } = await status()
    return Object.keys(newestFrame).length === renditions.length && lateMs < 100
  })
  let version = 0
  return {
    pid: child.pid!,
    status,
    async push(targets: readonly PushTarget[]): Promise<void> {
      version += 1
      await ask('PUT', '/targets', { version, targets: [...targets], peers: [] } satisfies PushTargets)
    },
    async metric(name: string): Promise<number> {
      const text = await ask('GET', '/metrics')
      return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1])
    },
  }
}

function rundownOf(path: string, fromMs: number): Rundown {
  const fromSample = sampleAtMs(fromMs)
  const fade = 3 * SAMPLE_RATE
  const length = (PIECE_SECONDS - 1) * SAMPLE_RATE
  return {
    stationId: 'bench',
    version: 1,
    madeAtMs: fromMs,
    fromSample,
    untilSample: fromSample + PIECES * (length - fade),
    crossfadeSamples: fade,
    reserve: [],
    items: Array.from({ length: PIECES }, (_, index) => ({
      path,
      fingerprint: '1-1',
      kind: 'music',
      title: `Piece ${index}`,
      artist: 'The Bench',
      cueInSample: 0,
      lengthSamples: length,
      gainDb: 0,
      id: String(index),
      startSample: fromSample + index * (length - fade),
      fadeInSamples: fade,
      fadeOutSamples: fade,
      anchored: false,
      reason: '',
    })),
  }
}
