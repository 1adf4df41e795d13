import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAdtsSplitter } from '../../../media/adts-splitter.ts'
import { parseCmaf } from '../../../media/parse-cmaf.ts'
import { parseMediaPlaylist } from '../../../media/parse-playlist.ts'
import { msOfFrame } from '../../../media/timeline.ts'
import type { Recording } from '../../../schemas/recordings.ts'
import { ffmpeg, probe, station, withFiles } from '../../media/real-frames.ts'
import { eventually } from '../slicer/world.ts'
import {
  type ArchiveWorld,
  createArchiveWorld,
  FIRST_FRAME,
  FIRST_SEGMENT,
  prepareSound,
  sessionOf,
  unitsOf,
} from './archive-world.ts'
import { textsOf } from './xml-check.ts'

let world: ArchiveWorld
beforeEach(async () => {
  world = await createArchiveWorld()
})
beforeAll(prepareSound)
afterEach(() => world.end())

const finished = (id: string): Promise<Recording> =>
  eventually(async () => {
    const recording = (await world.recordings()).find((one) => one.id === id)
    return recording?.state === 'recording' ? null : recording
  }, `${id} is finished`)
const fileOf = async (id: string, name: string, headers: Record<string, string> = {}): Promise<Buffer> => {
  const answer = await world.manage(`/${id}/${name}`, 'GET', undefined, headers)
  if (answer.status >= 300) throw new Error(`${name}: ${answer.status} ${await answer.text()}`)
  return Buffer.from(await answer.arrayBuffer())
}
/** The access units in an m4a, as they are. */
function unitsIn(m4a: Buffer): Buffer[] {
  const units: Buffer[] = []
  const splitter = createAdtsSplitter((unit) => units.push(unit))
  withFiles({ 'a.m4a': m4a }, (folder) =>
    splitter.push(ffmpeg(['-i', join(folder, 'a.m4a'), '-c', 'copy', '-f', 'adts', '-'])),
  )
  return units
}
const samplesIn = (name: string, bytes: Buffer): number =>
  withFiles({ [name]: bytes }, (folder) => ffmpeg(['-i', join(folder, name), '-f', 's16le', '-']).length / 4)

describe('the recording of a live session', () => {
  it('holds the very frames from the first to the last that listeners heard of it, in every form', async () => {
    const [from, until] = [FIRST_FRAME + 1 * 188 + 50, FIRST_FRAME + 5 * 188 + 20]
    world.playout.hasSegments(2)
    world.playout.state.sessions = [sessionOf('s1', 'Ada & <Bob>', from)]
    await world.start()
    const running = await eventually(async () => (await world.recordings())[0], 'it is being recorded')
    expect(running).toMatchObject({
      id: 'live-s1',
      sessionId: 's1',
      state: 'recording',
      untilFrame: null,
      title: 'Ada & <Bob>',
    })
    expect((await world.manage('/live-s1/audio.m4a')).status).toBe(409)
    // A hiccup: the sender is gone and comes back; it is one session all the time.
    world.playout.state.sessions = [
      { ...sessionOf('s1', 'Ada & <Bob>', from), covered: { because: 'lost', sinceMs: 0 } },
    ]
    world.playout.hasSegments(4)
    await eventually(async () => (await world.recordings())[0]!.lengthMs > 10_000 || null, 'more has come')
    world.playout.state.sessions = [sessionOf('s1', 'Ada & <Bob>', from, until)]
    world.playout.hasSegments(7)
    const recording = await finished('live-s1')
    expect(recording).toMatchObject({
      state: 'finished',
      fromFrame: from,
      untilFrame: until,
      silentMs: 0,
      anchorId: 'ada',
    })
    expect(await world.recordings()).toHaveLength(1)

    const expected = unitsOf('high', from, until)
    const m4a = await fileOf('live-s1', 'audio.m4a')
    expect(unitsIn(m4a).map((unit) => unit.toString('base64'))).toEqual(expected.map((unit) => unit.toString('base64')))
    expect(samplesIn('a.m4a', m4a)).toBe((until - from) * 1024)
    expect(m4a.indexOf('moov')).toBeLessThan(m4a.indexOf('mdat'))
    withFiles({ 'a.m4a': m4a }, (folder) =>
      expect(probe(join(folder, 'a.m4a'), 'format_tags=title')).toMatchObject({ 'TAG:title': 'Ada & <Bob>' }),
    )
    const mp3 = await fileOf('live-s1', 'audio.mp3')
    // LAME's header tells how much of the first and last frames is padding.
    expect(samplesIn('a.mp3', mp3)).toBe((until - from) * 1024)

    const playlist = await fileOf('live-s1', 'index.m3u8')
    const { segments } = parseMediaPlaylist(playlist.toString())
    expect(segments).toHaveLength(5)
    const parts = await Promise.all(segments.map(({ uri }) => fileOf('live-s1', uri)))
    expect(parts.flatMap((part) => parseCmaf(part).units).map((unit) => Buffer.from(unit))).toEqual(expected)
    expect(parseCmaf(parts[0]!)).toMatchObject({ sequence: (FIRST_SEGMENT + 1) % 2 ** 32, decodeTime: from * 1024 })
    expect(parseCmaf(parts[0]!).titles[0]!.presentationTime).toBe(from * 1024)
    expect(playlist.toString()).toContain(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(msOfFrame(from))).toISOString()}`,
    )
    withFiles({ 'index.m3u8': playlist, 'init.mp4': await fileOf('live-s1', 'init.mp4') }, (folder) => {
      for (const [index, part] of parts.entries()) writeFileSync(join(folder, segments[index]!.uri), part)
      expect(ffmpeg(['-i', join(folder, 'index.m3u8'), '-f', 's16le', '-']).length / 4).toBe((until - from) * 1024)
    })

    const range = await world.manage('/live-s1/audio.m4a', 'GET', undefined, { range: 'bytes=100-199' })
    expect(range.status).toBe(206)
    expect(range.headers.get('content-range')).toBe(`bytes 100-199/${m4a.length}`)
    expect(Buffer.from(await range.arrayBuffer()).equals(m4a.subarray(100, 200))).toBe(true)
    expect((await world.manage('/live-s1/audio.m4a', 'GET', undefined, { range: 'bytes=99999999-' })).status).toBe(416)
    expect((await fileOf('live-s1', 'waveform.svg')).toString()).toMatch(/^<svg [\s\S]+<path d="M1 \d+\.\dV/)
  })

  it('is one for each session: two anchors who swap share none, and their frames meet', async () => {
    const changes = [0, 60, 110, 170, 230].map((offset) => FIRST_FRAME + 188 + offset)
    world.playout.hasSegments(5)
    world.playout.state.sessions = changes
      .slice(0, -1)
      .map((from, index) => sessionOf(`turn-${index}`, index % 2 ? 'Bob' : 'Ada', from, changes[index + 1]!))
    await world.start()
    for (const index of [0, 1, 2, 3]) await finished(`live-turn-${index}`)
    const recordings = (await world.recordings()).reverse()
    expect(recordings.map(({ sessionId }) => sessionId)).toEqual(['turn-0', 'turn-1', 'turn-2', 'turn-3'])
    expect(recordings.map(({ anchorName }) => anchorName)).toEqual(['Ada', 'Bob', 'Ada', 'Bob'])
    for (const [index, recording] of recordings.entries()) {
      expect([recording.fromFrame, recording.untilFrame]).toEqual([changes[index], changes[index + 1]])
      expect(unitsIn(await fileOf(recording.id, 'audio.m4a'))).toEqual(
        unitsOf('high', changes[index]!, changes[index + 1]!),
      )
    }
  })

  it('is finished and made by an archive that was dead meanwhile, and not made again when it was deleted', async () => {
    const from = FIRST_FRAME + 100
    world.playout.hasSegments(2)
    world.playout.state.sessions = [sessionOf('s1', 'Ada', from)]
    await world.start()
    await eventually(async () => ((await world.recordings())[0]?.lengthMs ?? 0) > 1_000 || null, 'it has begun')
    await world.kill()
    world.playout.state.sessions = [
      sessionOf('s1', 'Ada', from, from + 500),
      sessionOf('s2', 'Bob', from + 500, from + 800),
    ]
    world.playout.hasSegments(8)
    await world.start()
    expect(await finished('live-s1')).toMatchObject({ state: 'finished', untilFrame: from + 500 })
    expect(unitsIn(await fileOf('live-s1', 'audio.m4a'))).toEqual(unitsOf('high', from, from + 500))
    await eventually(async () => (await world.recordings()).length === 2 || null, 'the other one is made')
    expect(await finished('live-s2')).toMatchObject({ state: 'finished', fromFrame: from + 500 })
    expect((await world.manage('/live-s2', 'DELETE')).status).toBe(200)
    await world.kill()
    await world.start()
    world.playout.state.sessions = [...world.playout.state.sessions, sessionOf('s3', 'Cleo', from + 900, from + 950)]
    await finished('live-s3')
    expect((await world.recordings()).map(({ id }) => id)).toEqual(['live-s3', 'live-s1'])
  })

  it('is silent where nobody has the frames any more, says so, and keeps its length', async () => {
    world.playout.state.lacks = (frame) => frame >= FIRST_FRAME + 188 && frame < FIRST_FRAME + 2 * 188
    world.playout.hasSegments(3)
    world.playout.state.sessions = [sessionOf('s1', 'Ada', FIRST_FRAME + 10, FIRST_FRAME + 500)]
    await world.start()
    await eventually(
      async () => ((await world.recordings())[0]?.lengthMs ?? 0) > 3_000 || null,
      'it waits for the hole',
    )
    // Longer than others keep their frames.
    world.playout.hasSegments(110)
    expect(await finished('live-s1')).toMatchObject({
      state: 'finished',
      reason: expect.stringContaining('4.0 s of it are silent'),
    })
    expect(samplesIn('a.m4a', await fileOf('live-s1', 'audio.m4a'))).toBe(490 * 1024)
  })
})

describe('a recording that somebody asks for', () => {
  it('begins at an instant and ends at another, or when it is stopped', async () => {
    world.playout.hasSegments(6)
    await world.start()
    await eventually(async () => (await world.status()).newestMs, 'the air is kept')
    const [fromMs, untilMs] = [msOfFrame(FIRST_FRAME + 70) + 1, msOfFrame(FIRST_FRAME + 400) + 1]
    const past = (await (await world.manage('', 'POST', { fromMs, untilMs, title: 'The news' })).json()) as {
      recording: Recording
    }
    expect(await finished(past.recording.id)).toMatchObject({
      fromFrame: FIRST_FRAME + 70,
      untilFrame: FIRST_FRAME + 400,
    })
    const now = (await (await world.manage('', 'POST', { title: 'From now on' })).json()) as { recording: Recording }
    expect(now.recording).toMatchObject({ state: 'recording', untilFrame: null })
    const stopped = (await (await world.manage(`/${now.recording.id}/stop`, 'POST', {})).json()) as {
      recording: Recording
    }
    expect(stopped.recording.untilFrame).toBeGreaterThan(now.recording.fromFrame)
    world.playout.hasSegments(20)
    expect(await finished(now.recording.id)).toMatchObject({ state: 'finished', title: 'From now on' })
    expect((await world.manage(`/${now.recording.id}/stop`, 'POST', {})).status).toBe(409)
    const refusals: [unknown, number][] = [
      [{ title: '' }, 400],
      [{ title: 'x', fromMs: untilMs, untilMs: fromMs }, 400],
      [{ title: 'x', fromMs: msOfFrame(FIRST_FRAME) - 60_000 }, 416],
      [{ title: 'x', fromMs, untilMs: fromMs + 90_000_000 }, 400],
      [{ title: 'x', surprise: 1 }, 400],
    ]
    for (const [body, status] of refusals) expect((await world.manage('', 'POST', body)).status).toBe(status)
    expect((await world.get('/recordings')).status).toBe(401)
    expect((await world.manage('/none')).status).toBe(404)
    expect((await world.manage(`/${past.recording.id}/..%2f..%2fnode.json`)).status).toBe(404)
  })
})

describe('the podcast', () => {
  it('lists what is published, with the true length and type of each file, whatever the titles hold', async () => {
    const title = 'Ünicode & <b>"quotes"</b> \u0001\ud800 ]]> 早晨'
    world.playout.hasSegments(6)
    world.playout.state.sessions = [
      sessionOf('s1', 'Ada', FIRST_FRAME + 10, FIRST_FRAME + 300),
      sessionOf('s2', 'Bob', FIRST_FRAME + 300, FIRST_FRAME + 600),
    ]
    await world.start()
    await finished('live-s1')
    await finished('live-s2')
    expect((await world.get('/podcast/live-s1.m4a')).status).toBe(404)
    expect((await world.manage('/live-s1', 'PATCH', { published: true, title })).status).toBe(200)
    const answer = await world.get('/podcast.xml')
    expect(answer.headers.get('content-type')).toContain('application/rss+xml')
    const text = await answer.text()
    expect(text.match(/<item>/g)).toHaveLength(1)
    const [, url, length, type] = /<enclosure url="([^"]+)" length="(\d+)" type="([^"]+)"\/>/.exec(text)!
    expect(url).toBe('https://radio.example/podcast/live-s1.m4a')
    const file = await world.get(new URL(url!).pathname)
    expect([file.headers.get('content-length'), file.headers.get('content-type')]).toEqual([length, type])
    expect((await file.arrayBuffer()).byteLength).toBe(Number(length))
    expect(text).toContain('<itunes:duration>6</itunes:duration>')
    // Whole but for what XML can not say.
    expect(textsOf(text, 'rss/channel/item/title')).toEqual([
      title.replace('\u0001', '\ufffd').replace('\ud800', '\ufffd'),
    ])
    expect((await world.get('/podcast/live-s1/index.m3u8')).status).toBe(200)
    await world.manage('/live-s1', 'PATCH', { published: false })
    expect(await (await world.get('/podcast.xml')).text()).not.toContain('<item>')
    expect((await world.get('/podcast/live-s1.m4a')).status).toBe(404)
    expect(station.name).toBe('Demo & <Friends>')
    expect(text).toContain('<title>Demo &#38; &#60;Friends&#62;</title>')
  })
})
