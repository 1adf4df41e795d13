import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoProgramme } from '../../../control-center/demo/demo-programme.ts'
import { makeDemo } from '../../../control-center/demo/make-demo.ts'
import { systemClock } from '../../../platform/clock.ts'
import { programs, systemProcesses } from '../../../platform/processes.ts'
import { loadStationFile } from '../../../platform/station-file.ts'

const ports = { clock: systemClock, processes: systemProcesses }
const folder = join(mkdtempSync(join(tmpdir(), 'airtight-demo-')), 'demo')
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()
const audioOf = (): string[] => filesIn(folder).filter((file) => /\.(mp3|m4a|flac|ogg|opus|wav)$/.test(file))
const digest = (file: string): string =>
  createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex')

type Probed = { seconds: number; codec: string; title: string }
function probed(file: string): Probed {
  const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', join(folder, file)]
  const { format, streams } = JSON.parse(execFileSync(programs.ffprobe, args, { encoding: 'utf8' }))
  const tags = { ...streams[0].tags, ...format.tags }
  return { seconds: Number(format.duration), codec: streams[0].codec_name, title: tags.title ?? tags.TITLE ?? '' }
}

describe('the demo programmes', () => {
  beforeAll(async () => {
    expect(await makeDemo(ports, folder)).toBe(true)
  }, 60_000)

  it('are nine pieces of one to two minutes in six codecs, jingles and an ident of five seconds, and a minute of calm', () => {
    const found = Object.fromEntries(audioOf().map((file) => [file, probed(file)]))
    const music = Object.entries(found).filter(([file]) => file.startsWith('music/'))
    expect(music).toHaveLength(9)
    for (const [file, { seconds, title }] of music) {
      expect(seconds, file).toBeGreaterThan(59)
      expect(seconds, file).toBeLessThan(121)
      expect(title, file).not.toBe('')
    }
    expect(new Set(Object.values(found).map((one) => one.codec))).toEqual(
      new Set(['mp3', 'aac', 'flac', 'vorbis', 'opus', 'pcm_s16le']),
    )
    for (const file of audioOf().filter((file) => /^(jingles|idents)/.test(file)))
      expect(Math.abs(found[file]!.seconds - 5), file).toBeLessThan(0.2)
    expect(found['emergency.mp3']!.seconds).toBeGreaterThanOrEqual(60)
  }, 20_000)

  it('are small, and leave nothing of their making behind', () => {
    const bytes = filesIn(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
    expect(bytes).toBeLessThan(25_000_000)
    expect(readdirSync(folder).sort()).toEqual(
      ['.demo-set.json', 'emergency.mp3', 'idents', 'jingles', 'music', 'night-train.m3u'].sort(),
    )
  })

  it('hold all that the night’s playlist and the example programme name', () => {
    const playlist = readFileSync(join(folder, 'night-train.m3u'), 'utf8')
    const entries = playlist.split('\n').filter((line) => line && !line.startsWith('#'))
    expect(entries.length).toBeGreaterThan(3)
    for (const entry of entries) expect(existsSync(join(folder, entry)), entry).toBe(true)
    const sources = [
      demoProgramme.rotation.source!,
      demoProgramme.jingles!.source,
      ...[...demoProgramme.shows, ...demoProgramme.fixed].map((one) => one.source),
    ]
    for (const source of sources) {
      const place = source.folder ?? source.playlist ?? source.file!
      expect(existsSync(join(folder, place)), place).toBe(true)
    }
  })

  it('are left alone when complete, and mended to the same bytes when some are damaged', async () => {
    const before = Object.fromEntries(audioOf().map((file) => [file, digest(file)]))
    expect(await makeDemo(ports, folder)).toBe(false)
    truncateSync(join(folder, 'music/copper-morning.mp3'), 1000)
    rmSync(join(folder, 'jingles/signal-in-blue.ogg'))
    expect(await makeDemo(ports, folder)).toBe(true)
    expect(Object.fromEntries(audioOf().map((file) => [file, digest(file)]))).toEqual(before)
  }, 60_000)
})

it('a demo that can’t be made says why and leaves no half set', async () => {
  const other = join(folder, '..', 'failed')
  const processes = {
    start: (_command: string, _args: readonly string[], options: object) =>
      systemProcesses.start('sh', ['-c', 'echo "encoder is on strike" >&2; exit 3'], options),
  }
  await expect(makeDemo({ clock: systemClock, processes }, other)).rejects.toThrow('encoder is on strike')
  expect(readdirSync(other)).toEqual([])
})

it('the shipped station file shows the programme that suits the demo', () => {
  const loaded = loadStationFile(join(import.meta.dirname, '../../../deploy/station.example.yaml'))
  expect(loaded.ok && loaded.station.programme).toEqual(demoProgramme)
})
