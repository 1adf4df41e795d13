import { cpSync } from 'node:fs'
import { systemClock } from '../../platform/clock.ts'
import type { Station } from '../end-to-end/support/station.ts'
import { SeededRandom } from '../media/rtmp/seeded-random.ts'
import { compareOrigins } from '../oracle/origins.ts'
import { Deck } from './deck.ts'
import type { Fault } from './fault.ts'
import { Listeners } from './listeners.ts'
import { Scene } from './scene.ts'
import { Usage } from './usage.ts'

const PAUSE_LEAST_MS = 20_000
const PAUSE_MOST_MS = 30_000
const READ_USAGE_EVERY_MS = 60_000
/** Connections that a fault has ended are noticed by then. */
const EXCUSED_MS = 5_000

export type Soaked = { listeners: Listeners; usage: Usage; failures: string[]; faults: number; compared: Compared }
type Compared = { times: number; segments: number; bytes: number; differences: number }

/** Harms a station on air again and again while two listen to it. Resolves when the time is over, with what was found. */
export async function soak(
  station: Station,
  options: { faults: readonly Fault[]; seed: number; listenerMs: number; over: AbortSignal },
): Promise<Soaked> {
  const { faults, seed, listenerMs, over } = options
  const random = new SeededRandom(seed)
  const scene = new Scene(station, random, over)
  cpSync(station.music, scene.originals, { recursive: true, preserveTimestamps: true })
  const startedMs = systemClock.monotonicMs()
  const deck = new Deck(faults, (limit) => random.below(limit), startedMs)
  const usage = new Usage()
  let cutMs = Number.NEGATIVE_INFINITY
  const listeners = new Listeners(station, () => systemClock.monotonicMs() - cutMs < EXCUSED_MS)
  const found: Soaked = {
    listeners,
    usage,
    failures: [],
    faults: 0,
    compared: { times: 0, segments: 0, bytes: 0, differences: 0 },
  }

  const once = async (fault: Fault): Promise<void> => {
    const beganMs = systemClock.monotonicMs()
    const atMs = systemClock.wallMs()
    const pauseMs = scene.between(PAUSE_LEAST_MS, PAUSE_MOST_MS)
    if (fault.cutsConnections) cutMs = beganMs
    listeners.takeLeastBufferMs()
    found.faults += 1
    let what = fault.name
    let then = 'ended in the middle'
    try {
      const more = await fault.run(scene)
      if (more !== '') what += `, ${more.trim()}`
      if (fault.cutsConnections) cutMs = systemClock.monotonicMs()
      const harmedMs = systemClock.monotonicMs()
      await scene.until(`all to be well again after: ${what}`, () => scene.isWhole())
      then = `well again after ${seconds(systemClock.monotonicMs() - harmedMs)}`
      if (fault.killsPlayout) deck.playoutStarted(systemClock.monotonicMs())
      then += `, ${await compareSlicers(station, found)}`
      await scene.wait(pauseMs - (systemClock.monotonicMs() - beganMs))
    } catch (error) {
      if (!over.aborted) {
        then = (error as Error).message
        found.failures.push(`${what}: ${then}`)
      }
    }
    const leastMs = listeners.takeLeastBufferMs()
    const { stallMs, gapMs, repeatMs } = listeners.soFar()
    console.log(
      `${new Date(atMs).toISOString().slice(11, 19)}  ${what}: ${then}; least buffer ${leastMs === null ? '-' : seconds(leastMs)}; ` +
        `so far stall ${Math.round(stallMs)}, gap ${Math.round(gapMs)}, repeat ${Math.round(repeatMs)} ms`,
    )
  }

  await scene.until('the station to be whole', () => scene.isWhole())
  await listeners.change()
  const read = (): void => usage.read(station, systemClock.monotonicMs())
  read()
  const stopReading = systemClock.every(READ_USAGE_EVERY_MS, read)
  try {
    await scene.wait(PAUSE_LEAST_MS).catch(() => {})
    while (!over.aborted) {
      const fault = deck.deal(systemClock.monotonicMs())
      if (fault) await once(fault)
      else await scene.wait(PAUSE_LEAST_MS).catch(() => {})
      if (listeners.listenedMs > listenerMs && !over.aborted) await listeners.change()
    }
  } finally {
    stopReading()
    scene.releaseAll()
  }
  read()
  await listeners.end()
  return found
}

async function compareSlicers(station: Station, { compared, failures }: Soaked): Promise<string> {
  const { segmentsCompared, bytesCompared, differences } = await compareOrigins(
    station.master(station.slicer(1)),
    station.master(station.slicer(2)),
  )
  compared.times += 1
  compared.segments += segmentsCompared
  compared.bytes += bytesCompared
  compared.differences += differences.length
  failures.push(...differences.map(({ what, sentence }) => `the slicers differ: ${what}: ${sentence}`))
  return differences.length === 0 ? 'bytes alike' : `${differences.length} DIFFERENCES`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
