import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sleep, systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { systemProcesses } from '../../platform/processes.ts'
import { holdPlacement } from '../../playout/programme/live-placement.ts'
import { HoldAudio } from '../../playout/sources/hold-audio.ts'
import { openSource } from '../../playout/sources/open-source.ts'
import type { Source } from '../../playout/sources/source.ts'

const SECOND = 48_000
let folder: string
let alarms: string[]
let audio: HoldAudio

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-hold-'))
  alarms = []
  audio = new HoldAudio({
    pcmPath: join(folder, 'hold.pcm'),
    processes: systemProcesses,
    onAlarm: (sentence) => alarms.push(sentence),
  })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function toneFile(hertz: number, seconds: number): string {
  const path = join(folder, `${hertz}.flac`)
  const tone = `sine=${hertz}:r=48000:d=${seconds},volume=2`
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', tone, path])
  return path
}

async function until(isSo: () => boolean): Promise<void> {
  const endsMs = systemClock.monotonicMs() + 10_000
  while (!isSo()) {
    if (systemClock.monotonicMs() > endsMs) throw new Error('it did not come to be so')
    await sleep(systemClock, 5)
  }
}
const isKept = (): boolean => existsSync(join(folder, 'hold.pcm'))

/** As the mixer opens what a hold plays. */
const openHold = (offsetSamples: number): Source =>
  openSource(
    {
      clock: systemClock,
      processes: systemProcesses,
      log: createLogger('test', 'silent'),
      emergency: { pcmPath: join(folder, 'none'), isThere: () => false },
      holdAudio: audio,
      onChange: () => {},
    },
    holdPlacement(0, 0, 'Station'),
    offsetSamples,
  )

/** What the left side says for so many seconds: which tone, and the lowest and highest level of any 10 ms. */
function listen(source: Source, seconds: number): { hertz: number; lowest: number; highest: number } {
  const left: number[] = []
  const block = new Float32Array(960)
  for (let piece = 0; piece < seconds * 100; piece++) {
    expect(source.availableSamples()).toBeGreaterThanOrEqual(480)
    source.read(block, 480)
    for (let pair = 0; pair < 480; pair++) left.push(block[pair * 2]!)
  }
  const rises = left.filter((level, index) => index > 0 && left[index - 1]! < 0 && level >= 0).length
  const levels = Array.from({ length: seconds * 100 }, (_, piece) => {
    const part = left.slice(piece * 480, (piece + 1) * 480)
    return Math.sqrt(part.reduce((sum, level) => sum + level ** 2, 0) / 480)
  })
  return { hertz: rises / seconds, lowest: Math.min(...levels), highest: Math.max(...levels) }
}

describe('while the air is held', () => {
  it('a file sounds, as long as the hold lasts, without a seam where it begins anew', async () => {
    audio.use(toneFile(400, 4))
    await until(isKept)
    const source = openHold(2 * SECOND)
    const { hertz, lowest, highest } = listen(source, 10)
    expect(Math.abs(hertz - 400)).toBeLessThan(2)
    // A mono sine of a quarter of full scale; where its end runs into its beginning the two agree, and are 3 dB louder.
    expect(lowest).toBeGreaterThan(0.12)
    expect(highest).toBeLessThan(0.18)
    source.close()
    expect(alarms).toEqual([])
  })

  it('the bed sounds until the file is decoded, and instead of one that can not be; that is told', async () => {
    const early = openHold(0)
    expect(listen(early, 2).highest).toBeGreaterThan(0.001)
    early.close()
    const broken = join(folder, 'broken.flac')
    writeFileSync(broken, 'no sound in here')
    audio.use(broken)
    await until(() => alarms.length > 0)
    expect(alarms[0]).toMatch(/^The hold file can't be decoded: .*The generated bed stands in\.$/s)
    const instead = openHold(0)
    expect(listen(instead, 2).highest).toBeGreaterThan(0.001)
    instead.close()
  })

  it('another file is taken at the next hold, and the one that is kept is not decoded again', async () => {
    const first = toneFile(400, 4)
    audio.use(first)
    await until(isKept)
    const held = openHold(0)
    const { ino } = statSync(join(folder, 'hold.pcm'))
    audio.use(null)
    audio.use(first)
    const second = toneFile(900, 4)
    await sleep(systemClock, 50)
    expect(statSync(join(folder, 'hold.pcm')).ino).toBe(ino)
    audio.use(second)
    await until(() => statSync(join(folder, 'hold.pcm')).ino !== ino)
    expect(Math.abs(listen(held, 3).hertz - 400)).toBeLessThan(2)
    held.close()
    const next = openHold(0)
    expect(Math.abs(listen(next, 3).hertz - 900)).toBeLessThan(4)
    next.close()
  })
})
