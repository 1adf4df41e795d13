import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Analyser, type Analysis, analyse } from '../../../control-center/library/analyse.ts'
import { Library, type LibraryOptions } from '../../../control-center/library/library.ts'
import { type Clock, systemClock } from '../../../platform/clock.ts'
import { fingerprintOf } from '../../../platform/fingerprint.ts'
import { createLogger } from '../../../platform/log.ts'
import { makeTone } from './fixtures.ts'
import { ManualClock } from './manual-clock.ts'

let home: string
let music: string
let clock: ManualClock
let analysed: string[]
let open: Library[]
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'airtight-library-'))
  music = join(home, 'music')
  mkdirSync(music)
  clock = new ManualClock()
  analysed = []
  open = []
})
afterEach(async () => {
  for (const library of open) await library.stop()
  rmSync(home, { recursive: true, force: true })
})

/** A file that was there long ago. */
function put(file: string, content = file, ageSeconds = 3600): string {
  const path = join(music, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  const date = systemClock.wallMs() / 1000 - ageSeconds
  utimesSync(path, date, date)
  return path
}

/** Finds a second of sound in every file but those whose content begins with "bad". */
const quickAnalyse: Analyser = async ({ path }): Promise<Analysis> => {
  analysed.push(path.slice(music.length + 1))
  const content = readFileSync(path, 'utf8')
  if (content.startsWith('bad'))
    return { playable: false, reason: 'It is bad.', passing: content.startsWith('bad luck') }
  const measured = { cueInSample: 10, lengthSamples: 48_000, loudnessLufs: -20, truePeakDbtp: -3 }
  return { playable: true, measured, tags: { title: content, artist: 'Someone' } }
}

function library(options: Partial<LibraryOptions> = {}): Library {
  const made = new Library({
    ...{ musicFolder: music, emergencyFile: null, dataFolder: join(home, 'data'), targetLufs: -16 },
    ...{ clock: clock as Clock, log: createLogger('library', 'silent'), analyse: quickAnalyse, ...options },
  })
  open.push(made)
  return made
}

/** Resolves when the library is as wanted, looked at after each change. */
function until(one: Library, isSo: () => boolean): Promise<void> {
  if (isSo()) return Promise.resolve()
  return new Promise((resolve) => {
    const forget = one.onChange(() => {
      if (!isSo()) return
      forget()
      resolve()
    })
  })
}
async function started(options: Partial<LibraryOptions> = {}): Promise<Library> {
  const one = library(options)
  await one.start()
  await until(one, () => one.waiting() === 0)
  return one
}
const titlesOf = (one: Library, source: Parameters<Library['resolve']>[0]): string[] =>
  one.resolve(source).playables.map(({ title }) => title)

describe('what the planner gets', () => {
  it('is a folder in the order of the numbers in its names, with all below it', async () => {
    for (const file of [
      'b/10 - ten.mp3',
      'b/2 - two.mp3',
      'b/deep/1.flac',
      'a.mp3',
      'notes.txt',
      '.hidden.mp3',
      'b/.x/y.mp3',
    ])
      put(file)
    const one = await started()
    expect(titlesOf(one, { folder: 'b' })).toEqual(['b/2 - two.mp3', 'b/10 - ten.mp3', 'b/deep/1.flac'])
    expect(titlesOf(one, { folder: './b/deep/' })).toEqual(['b/deep/1.flac'])
    expect(titlesOf(one, { folder: join(music, 'b/deep') })).toEqual(['b/deep/1.flac'])
    expect(titlesOf(one, null)).toEqual(['a.mp3', 'b/2 - two.mp3', 'b/10 - ten.mp3', 'b/deep/1.flac'])
    expect(one.resolve({ file: 'a.mp3' }).playables).toEqual([
      {
        ...{ path: join(music, 'a.mp3'), fingerprint: expect.stringMatching(/^5-\d{13}$/), kind: 'music' },
        ...{ title: 'a.mp3', artist: 'Someone', cueInSample: 10, lengthSamples: 48_000, gainDb: 4 },
      },
    ])
  })

  it('is the whole folder without the emergency file, which is there when asked for', async () => {
    for (const file of ['a.mp3', 'emergency.mp3']) put(file)
    const one = await started({ emergencyFile: './emergency.mp3' })
    expect(titlesOf(one, null)).toEqual(['a.mp3'])
    expect(titlesOf(one, { file: 'emergency.mp3' })).toEqual(['emergency.mp3'])
  })

  it('is a playlist in its own order, with repeats, and the reasons for what is left out', async () => {
    for (const file of ['a.mp3', 'b.mp3']) put(file)
    put('c.mp3', 'bad')
    put('list.m3u', '../music/b.mp3\na.mp3\nb.mp3\nc.mp3\nnone.mp3\n/etc/passwd\n')
    const one = await started()
    expect(titlesOf(one, { playlist: 'list.m3u' })).toEqual(['b.mp3', 'a.mp3', 'b.mp3'])
    expect(one.resolve({ playlist: 'list.m3u' }).unplayable).toEqual([
      { path: 'list.m3u', reason: 'In this playlist, "none.mp3" is not there, or can\'t be played.' },
      { path: 'list.m3u', reason: 'In this playlist, "/etc/passwd": it lies outside the music folder.' },
      { path: 'c.mp3', reason: 'It is bad.' },
    ])
  })

  it('is a sentence when there is no such source', async () => {
    put('a.mp3')
    const one = await started()
    expect(one.resolve({ folder: 'nowhere' }).problem).toBe('There is no such folder in the music folder.')
    expect(one.resolve({ playlist: 'none.m3u' }).problem).toBe('There is no such playlist in the music folder.')
    expect(one.resolve({ file: 'none.mp3' }).problem).toBe('There is no such audio file in the music folder.')
    expect(one.resolve({ folder: '../data' }).problem).toBe('It lies outside the music folder.')
    expect(one.resolve({ file: '/etc/passwd' }).problem).toBe('It lies outside the music folder.')
  })

  it('raises a quiet file by 12 dB at most, and lowers a loud one as far as it must', async () => {
    const levels: Record<string, number> = { 'quiet.mp3': -60, 'soft.mp3': -20, 'loud.mp3': -5.5 }
    for (const file of Object.keys(levels)) put(file)
    const one = await started({
      analyse: async ({ path }) => {
        const loudnessLufs = levels[path.slice(music.length + 1)]!
        const measured = { cueInSample: 0, lengthSamples: 48_000, loudnessLufs, truePeakDbtp: -1 }
        return { playable: true, measured, tags: { title: 'x', artist: '' } }
      },
    })
    expect(one.entries().map(({ file, gainDb }) => [file, gainDb])).toEqual([
      ['loud.mp3', -10.5],
      ['quiet.mp3', 12],
      ['soft.mp3', 4],
    ])
  })
})

describe('each file is analysed once', () => {
  it('and not again after a restart, while changed and new ones are', async () => {
    for (const file of ['a.mp3', 'b.mp3']) put(file)
    put('c.mp3', 'bad')
    const first = await started()
    const version = first.version()
    await first.stop()
    expect(analysed.sort()).toEqual(['a.mp3', 'b.mp3', 'c.mp3'])

    const second = library()
    await second.start()
    expect([second.waiting(), second.version() === version, analysed.length]).toEqual([0, true, 3])
    expect(second.problems()).toEqual([{ file: 'c.mp3', reason: 'It is bad.' }])

    put('b.mp3', 'another b', 1800)
    put('d.mp3')
    await second.look()
    await until(second, () => second.waiting() === 0)
    expect(analysed.slice(3).sort()).toEqual(['b.mp3', 'd.mp3'])
    expect(titlesOf(second, null)).toEqual(['a.mp3', 'another b', 'd.mp3'])
    expect(second.version()).not.toBe(version)
  })

  it('though the journal lost its last line’s end, and a line of it is nonsense', async () => {
    for (const file of ['a.mp3', 'b.mp3']) put(file)
    await (await started()).stop()
    const journal = join(music, '.airtight/analysis-1.jsonl')
    appendFileSync(journal, 'nonsense\n{"file":"a.mp3","fingerprint":')
    put('c.mp3')
    await (await started()).stop()
    await started()
    expect(analysed.sort()).toEqual(['a.mp3', 'b.mp3', 'c.mp3'])
  })

  it('and the journal stays as short as the library, however often files change', async () => {
    put('a.mp3')
    await (await started()).stop()
    const journal = join(music, '.airtight/analysis-1.jsonl')
    const line = readFileSync(journal, 'utf8').trim()
    writeFileSync(journal, `${line}\n`.repeat(500))
    await started()
    expect(readFileSync(journal, 'utf8')).toBe(`${line}\n`)
    expect(analysed).toEqual(['a.mp3'])
  })

  it('and remembered in the data folder when the music folder can’t be written to', async () => {
    put('a.mp3')
    writeFileSync(join(music, '.airtight'), 'a file in the way')
    await (await started()).stop()
    await started()
    expect(analysed).toEqual(['a.mp3'])
    expect(readFileSync(join(music, '.airtight'), 'utf8')).toBe('a file in the way')
  })

  it('of ten thousand that it knows, it is done in about a second', async () => {
    const lines: string[] = []
    // One file under ten thousand names: making as many files would take longer than the test.
    const fingerprint = fingerprintOf(statSync(put('0.mp3', '')))
    for (let folder = 0; folder < 100; folder++) {
      mkdirSync(join(music, `album ${folder}`))
      for (let track = 0; track < 100; track++) {
        const file = `album ${folder}/${track}.mp3`
        linkSync(join(music, '0.mp3'), join(music, file))
        const measured = { cueInSample: 0, lengthSamples: 48_000, loudnessLufs: -16, truePeakDbtp: -1 }
        lines.push(JSON.stringify({ file, fingerprint, playable: true, ...measured, title: `T${track}`, artist: 'A' }))
      }
    }
    rmSync(join(music, '0.mp3'))
    mkdirSync(join(music, '.airtight'))
    writeFileSync(join(music, '.airtight/analysis-1.jsonl'), lines.join('\n'))
    const one = library()
    const began = systemClock.monotonicMs()
    await one.start()
    const startedMs = systemClock.monotonicMs() - began
    await one.look()
    const lookedMs = systemClock.monotonicMs() - began - startedMs
    expect([one.waiting(), one.resolve(null).playables.length, analysed.length]).toEqual([0, 10_000, 0])
    // Some 0.4 s and 0.2 s on an idle machine; the limits are for a busy one.
    expect(startedMs).toBeLessThan(4_000)
    expect(lookedMs).toBeLessThan(3_000)
  }, 30_000)

  it('one at a time, small ones first', async () => {
    for (const [file, size] of [
      ['large.mp3', 300],
      ['small.mp3', 1],
      ['middle.mp3', 20],
    ] as const)
      put(file, 'x'.repeat(size))
    let running = 0
    const order: string[] = []
    await started({
      analyse: async (file, ports) => {
        expect(++running).toBe(1)
        order.push(file.path.slice(music.length + 1))
        const analysis = await quickAnalyse(file, ports)
        running--
        return analysis
      },
    })
    expect(order).toEqual(['small.mp3', 'middle.mp3', 'large.mp3'])
  })
})

describe('the folder changes while the station plays', () => {
  it('a file appears: the file system tells, it is left to settle, then analysed', async () => {
    const one = await started({ clock: systemClock, settleMs: 50 })
    put('fresh.mp3', 'fresh', 0)
    await until(one, () => one.entries().length === 1)
    mkdirSync(join(music, 'new folder'))
    await until(one, () => one.resolve({ folder: 'new folder' }).problem === undefined)
    put('new folder/second.mp3', 'second', 0)
    await until(one, () => one.entries().length === 2)
    expect(titlesOf(one, null)).toEqual(['fresh', 'second'])
  })

  it('a file is still being copied: it is left alone until it rests, even under a clock that is ahead', async () => {
    put('growing.mp3', 'half', -3600)
    const one = library()
    await one.start()
    expect(one.waiting()).toBe(1)
    expect(one.resolve({ file: 'growing.mp3' }).unplayable).toEqual([
      { path: 'growing.mp3', reason: 'It is still being copied.' },
    ])
    clock.pass(1_000)
    put('growing.mp3', 'half and', -3601)
    await one.look()
    clock.pass(1_500)
    await one.look()
    expect(analysed).toEqual([])
    clock.pass(2_000)
    await one.look()
    await until(one, () => one.waiting() === 0)
    expect(titlesOf(one, null)).toEqual(['half and'])
  })

  it('a file changes under the analysis: what was found out is thrown away', async () => {
    put('a.mp3', 'old')
    const seen = new Set<string>()
    const one = library({
      ...{ clock: systemClock, settleMs: 50 },
      analyse: async (file, ports) => {
        const analysis = await quickAnalyse(file, ports)
        if (analysed.length === 1) put('a.mp3', 'new one', 1800)
        return analysis
      },
    })
    one.onChange(() => {
      for (const title of titlesOf(one, null)) seen.add(title)
    })
    await one.start()
    await until(one, () => one.waiting() === 0)
    expect([...seen]).toEqual(['new one'])
    expect(readFileSync(join(music, '.airtight/analysis-1.jsonl'), 'utf8')).not.toContain('"old"')
  })

  it('a file disappears, and the folder, and both come back without an analysis', async () => {
    put('a.mp3')
    put('b.mp3')
    const one = await started()
    renameSync(join(music, 'a.mp3'), join(home, 'a.mp3'))
    await one.look()
    expect(titlesOf(one, null)).toEqual(['b.mp3'])
    renameSync(music, join(home, 'elsewhere'))
    await one.look()
    expect(titlesOf(one, null)).toEqual([])
    expect(one.problems()).toEqual([{ file: '.', reason: 'The folder is not there.' }])
    renameSync(join(home, 'elsewhere'), music)
    renameSync(join(home, 'a.mp3'), join(music, 'a.mp3'))
    await one.look()
    expect(titlesOf(one, null)).toEqual(['a.mp3', 'b.mp3'])
    expect(analysed.length).toBe(2)
  })

  it('nothing changes: nobody is told', async () => {
    put('a.mp3')
    put('list.m3u', 'a.mp3\n')
    const one = await started()
    let told = 0
    one.onChange(() => told++)
    await one.look()
    clock.pass(60_000)
    await one.look()
    expect(told).toBe(0)
    put('list.m3u', 'a.mp3\na.mp3\n', 1800)
    await one.look()
    expect([told, titlesOf(one, { playlist: 'list.m3u' }).length]).toEqual([1, 2])
  })

  it('a file failed for a reason outside itself: it is tried again, later and later', async () => {
    put('a.mp3', 'bad luck')
    const one = await started()
    expect(one.problems()).toEqual([{ file: 'a.mp3', reason: 'It is bad.' }])
    await one.look()
    expect(analysed.length).toBe(1)
    clock.pass(60_000)
    await one.look()
    await until(one, () => one.waiting() === 0)
    expect(analysed.length).toBe(2)
    clock.pass(60_000)
    await one.look()
    expect(analysed.length).toBe(2)
  })
})

describe('what lies in music folders', () => {
  it('links, loops, pipes, folders with a file’s name: each is played, walked or reported, and nothing hangs', async () => {
    put('real.mp3')
    put('folder.mp3/inside.mp3')
    mkdirSync(join(home, 'shelf'))
    writeFileSync(join(home, 'shelf/linked.mp3'), 'linked')
    utimesSync(join(home, 'shelf/linked.mp3'), 1e9, 1e9)
    symlinkSync(join(home, 'shelf'), join(music, 'shelf'))
    symlinkSync(music, join(music, 'back'))
    symlinkSync('round.mp3', join(music, 'round.mp3'))
    symlinkSync('gone', join(music, 'dangling.mp3'))
    execFileSync('mkfifo', [join(music, 'pipe.mp3')])
    const one = await started()
    expect(titlesOf(one, null)).toEqual(['folder.mp3/inside.mp3', 'real.mp3', 'linked'])
    expect(one.problems()).toEqual([
      { file: 'dangling.mp3', reason: 'It is a link to a file that is not there.' },
      { file: 'pipe.mp3', reason: 'It is a named pipe, not a file.' },
      { file: 'round.mp3', reason: 'It is a link that leads to itself.' },
    ])
  })

  it('a name that is not UTF-8', async () => {
    writeFileSync(
      Buffer.concat([Buffer.from(`${music}/`), Buffer.from([0xcf, 0xe5, 0xf1, 0xed]), Buffer.from('.mp3')]),
      'x',
    )
    const one = await started()
    expect(one.problems()).toEqual([
      { file: '\ufffd\ufffd\ufffd\ufffd.mp3', reason: 'Its name is not UTF-8: rename it.' },
    ])
  })

  it('real audio, from the folder to the plan', async () => {
    makeTone(join(music, 'tone.flac'), 1, ['-metadata', 'title=Tone', '-metadata', 'artist=Generator'])
    writeFileSync(join(music, 'noise.mp3'), 'not music')
    clock.wallOffsetMs = 10_000
    const one = library({ analyse: (file, ports) => analyse(file, { ...ports, clock: systemClock }) })
    await one.start()
    await until(one, () => one.waiting() === 0)
    expect(one.entries()).toEqual([
      {
        ...{ file: 'tone.flac', title: 'Tone', artist: 'Generator', durationSeconds: 1 },
        ...{ loudnessLufs: expect.closeTo(-12.7, 0), gainDb: expect.closeTo(-3.3, 0) },
      },
    ])
    expect(one.problems()).toEqual([
      { file: 'noise.mp3', reason: 'It is not audio in a known format, or damaged from its beginning.' },
    ])
  })
})

it('stopping ends an analysis that is under way', async () => {
  put('a.mp3')
  let begun = (): void => {}
  const begins = new Promise<void>((resolve) => {
    begun = resolve
  })
  const one = library({
    analyse: (_file, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        begun()
      }),
  })
  await one.start()
  await begins
  await one.stop()
  expect(one.waiting()).toBe(1)
})
