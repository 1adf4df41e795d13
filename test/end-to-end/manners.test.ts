import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PORTS } from '../../launcher/ports.ts'
import { FRAME_MS } from '../../media/timeline.ts'
import { listen } from '../oracle/listen.ts'
import { signal } from './support/process-tree.ts'
import { LAUNCHER, Station } from './support/station.ts'
import { until } from './support/until.ts'

/** `npm start` as a person meets it: what it refuses, how it ends, how it goes on; and a station whose control center and Redis are gone. */

const LEFT_DEAD_SECONDS = 32
const station = new Station()
let lastSequence: number
let entries: Awaited<ReturnType<Station['asRun']>>

beforeAll(async () => {
  await station.prepare()
})

afterAll(() => station.dispose())

function launch(...args: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LAUNCHER, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { code: status, said: stdout + stderr }
}

async function newestSegment(): Promise<number> {
  const text = await (await fetch(station.media(station.edge))).text()
  return Number(/(\d+)\.m4s\s*$/.exec(text)![1])
}

describe('what is refused', () => {
  it('a wrong station file: with the field, what is wrong, an example of right, and the line', () => {
    const file = join(station.folder, 'wrong.yaml')
    writeFileSync(file, 'name: Wrong\naudio: { crossfadeSeconds: fifty }\nprogramme: { rotation: { order: sorted } }\n')
    const { code, said } = launch('--station', file, '--data', join(station.folder, 'refused'))
    expect(code).toBe(1)
    expect(said).toContain('audio.crossfadeSeconds: "fifty" is not a number; write it like 3 (line 2)')
    expect(said).toContain('programme.rotation.order')
    expect(said).toContain('in-order')
  })

  it('an emergency file that is no audio', () => {
    const music = join(station.folder, 'no-audio')
    mkdirSync(music)
    writeFileSync(join(music, 'emergency.wav'), 'this is a text')
    const { code, said } = launch(
      ...['--station', station.file, '--music', music, '--data', join(station.folder, 'refused')],
      ...['--port-offset', `${station.offset}`],
    )
    expect(code).toBe(1)
    expect(said).toContain('emergencyFile: "emergency.wav" can\'t be played')
  })

  it('a port that something else holds: with its number, and the way out', async () => {
    const port = PORTS.edge + station.offset
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const { code, said } = launch(
      '--station',
      station.file,
      '--music',
      station.music,
      '--data',
      station.data,
      '--port-offset',
      `${station.offset}`,
    )
    await new Promise((resolve) => server.close(resolve))
    expect(code).toBe(1)
    expect(said).toContain(`${port} (edge)`)
    expect(said).toContain('--port-offset')
  })
})

describe('the control center and Redis die and stay dead', () => {
  it(`the programme goes on: ${LEFT_DEAD_SECONDS} s of a player without a stall, new segments all along`, async () => {
    await station.start()
    await station.plannedFromAll()
    const dead = ['control-center', 'redis'] as const
    for (const name of dead) signal(station.program(name), 'SIGKILL')
    station.supervise('stop', ...dead)
    await until(
      'both to be gone',
      () => !station.processes().some(({ command }) => /redis-server|control-center/.test(command)),
    )
    const before = await newestSegment()
    const report = await listen(station.master(station.edge), {
      seconds: LEFT_DEAD_SECONDS,
      also: station.master(station.slicer(1)),
    })
    const after = await newestSegment()
    console.log(
      `without control center and Redis: ${after - before} new segments, stall ${report.playback.stallMs} ms, least buffer ${report.playback.leastBufferSeconds?.toFixed(1)} s`,
    )
    expect(report.failures).toEqual([])
    expect(after - before).toBeGreaterThanOrEqual(Math.floor((LEFT_DEAD_SECONDS * 1000) / (188 * FRAME_MS)))
    await expect(fetch(`${station.control}/healthz`)).rejects.toThrow()
  }, 120_000)

  it('when they are back they find everything as it was', async () => {
    station.supervise('restart', 'redis', 'control-center')
    await until('both slicers to serve', async () => (await station.nodes()).serving.length === 2)
    await until('the plan to be at playout', async () => {
      const { version, versionAtPlayout } = await station.rundown()
      return version === versionAtPlayout
    })
  }, 60_000)
})

describe('its ends', () => {
  it('Ctrl-C ends everything within ten seconds', async () => {
    lastSequence = await newestSegment()
    entries = await station.asRun()
    const { left, tookMs } = await station.stop('SIGINT')
    console.log(`Ctrl-C: ended after ${(tookMs / 1000).toFixed(1)} s`)
    expect(left).toEqual([])
    expect(tookMs).toBeLessThan(10_000)
    expect(station.launcher!.exitCode).toBe(0)
  }, 30_000)

  it('a second start on the same data goes on: numbers rise, and the as-run log is kept', async () => {
    const sequence = lastSequence
    const firstEntry = entries[0]!
    await station.start()
    await until('new segments', async () => (await newestSegment()) > sequence)
    const again = await until('the as-run log', () => station.asRun())
    expect(again.find(({ startSample }) => startSample === firstEntry.startSample)).toEqual(firstEntry)
  }, 90_000)

  it('SIGKILL of the launcher leaves nothing behind either', async () => {
    const { left, tookMs } = await station.stop('SIGKILL')
    console.log(`SIGKILL: all gone after ${(tookMs / 1000).toFixed(1)} s`)
    expect(left).toEqual([])
    expect(tookMs).toBeLessThan(10_000)
  }, 30_000)
})
