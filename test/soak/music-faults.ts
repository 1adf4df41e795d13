import { copyFileSync, cpSync, readdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join, relative } from 'node:path'
import { msOfSample } from '../../media/timeline.ts'
import { type Fault, fault } from './fault.ts'
import type { Scene } from './scene.ts'

const LEFT_TO_PLAY_LEAST_MS = 12_000
const SONG_MOST_MS = 60_000
const EMPTY_LEAST_MS = 5_000
const EMPTY_MOST_MS = 25_000

/** What becomes of the files that the station plays. */
export const musicFaults: readonly Fault[] = [
  fault('the file on air is cut short', cutFileOnAir),
  fault('the music folder is emptied and refilled', emptyAndRefill),
]

async function cutFileOnAir(scene: Scene): Promise<string> {
  const { station } = scene
  const { item, path } = await scene.until(
    'a song that has only just begun',
    async () => {
      const { onAir, nowMs } = await station.status()
      if (onAir?.kind !== 'music' || msOfSample(onAir.endSample) - nowMs < LEFT_TO_PLAY_LEAST_MS) return null
      const entry = (await station.asRun()).find(({ itemId }) => itemId === onAir.itemId)
      return entry?.path ? { item: onAir, path: entry.path } : null
    },
    SONG_MOST_MS,
  )
  truncateSync(path, Math.floor(statSync(path).size * 0.3))
  try {
    const isOver = async (): Promise<boolean> => (await station.status()).onAir?.itemId !== item.itemId
    await scene.until('the end of the song', isOver, SONG_MOST_MS)
  } finally {
    const whole = join(scene.originals, relative(station.music, path))
    // In one step, as a file is replaced that may be playing.
    copyFileSync(whole, `${path}.part`)
    renameSync(`${path}.part`, path)
  }
  await scene.until('the file to be known as it was', () => scene.isLibraryWhole())
  return item.title
}

async function emptyAndRefill(scene: Scene): Promise<string> {
  const { station } = scene
  const emptyMs = scene.between(EMPTY_LEAST_MS, EMPTY_MOST_MS)
  for (const name of readdirSync(station.music)) rmSync(join(station.music, name), { recursive: true })
  try {
    await scene.wait(emptyMs)
  } finally {
    cpSync(scene.originals, station.music, { recursive: true, preserveTimestamps: true })
  }
  await scene.until('the library to be whole again', () => scene.isLibraryWhole(), SONG_MOST_MS)
  const isScheduled = async (): Promise<boolean> => {
    const { rung } = await station.status()
    return rung !== 'emergency' && rung !== 'bed'
  }
  await scene.until('the programme to go on from it', isScheduled, SONG_MOST_MS)
  return `after ${(emptyMs / 1000).toFixed(1)} s`
}
