import { appendFileSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { silentUnit } from '../../../media/adts.ts'
import { cmafInit } from '../../../media/cmaf-init.ts'
import { packageSegment } from '../../../media/packaging.ts'
import { parseCmaf } from '../../../media/parse-cmaf.ts'
import { parseMediaPlaylist } from '../../../media/parse-playlist.ts'
import { programDateTime } from '../../../media/playlists.ts'
import { firstFrameOfSegment, msOfSegment } from '../../../media/timeline.ts'
import { decode, high, station } from '../../media/real-frames.ts'
import { eventually } from '../slicer/world.ts'
import {
  type ArchiveWorld,
  createArchiveWorld,
  FIRST_SEGMENT,
  markerOf,
  prepareSound,
  unitsOf,
} from './archive-world.ts'

let world: ArchiveWorld
beforeAll(prepareSound)
afterEach(() => world.end())

const instant = (segment: number): number => Math.round(msOfSegment(segment)) + 1
const isComplete = () =>
  eventually(
    async () => ((await world.status()).missing === 0 && (await world.status()).newestMs) || null,
    'all is kept',
  )
const catchup = (query: string) => world.get(`/hls/${station.id}/high/catchup.m3u8?${query}`)
const segmentFile = async (segment: number): Promise<Buffer> => {
  const answer = await world.get(`/hls/${station.id}/high/catchup/${segment}.m4s`)
  expect(answer.status).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}
const liveBytes = (segment: number): Buffer => {
  const first = firstFrameOfSegment(segment)
  const { titles, cue } = markerOf('high', segment)
  return packageSegment('cmaf', { number: segment, units: unitsOf('high', first, first + 188), titles, cue }, high)
}
const hourFile = (): string => {
  const folder = join(world.folder, 'air', 'high')
  return join(folder, readdirSync(folder)[0]!)
}

describe('the rolling archive', () => {
  it('plays a past span from the very bytes that were live, in any player that takes the playlist', async () => {
    world = await createArchiveWorld()
    world.playout.hasSegments(10)
    await world.start()
    await isComplete()
    const answer = await catchup(`from=${instant(FIRST_SEGMENT + 2)}&to=${instant(FIRST_SEGMENT + 6)}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
    const text = await answer.text()
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:VOD')
    expect(text).toContain('#EXT-X-ENDLIST')
    const listed = text.split('\n').filter((line) => line.endsWith('.m4s'))
    expect(listed).toEqual([2, 3, 4, 5, 6].map((index) => `catchup/${FIRST_SEGMENT + index}.m4s`))
    expect(text).toContain(`#EXT-X-MEDIA-SEQUENCE:${FIRST_SEGMENT + 2}\n`)
    for (const index of [2, 6])
      expect(text).toContain(`#EXT-X-PROGRAM-DATE-TIME:${programDateTime(FIRST_SEGMENT + index)}\n`)
    expect(parseMediaPlaylist(text).segments).toHaveLength(5)
    const bodies = await Promise.all([2, 3, 4, 5, 6].map((index) => segmentFile(FIRST_SEGMENT + index)))
    for (const [index, body] of bodies.entries()) expect(body.equals(liveBytes(FIRST_SEGMENT + 2 + index))).toBe(true)
    const init = Buffer.from(await (await world.get(`/hls/${station.id}/high/catchup/init.mp4`)).arrayBuffer())
    expect(init.equals(cmafInit(high))).toBe(true)
    expect(decode(Buffer.concat([init, ...bodies]), 'mp4').length).toBe(5 * 188 * 1024 * 2 * 2)
    // ISO 8601, and no end: what there is.
    const iso = encodeURIComponent(new Date(instant(FIRST_SEGMENT + 8)).toISOString())
    expect(parseMediaPlaylist(await (await catchup(`from=${iso}`)).text()).segments).toHaveLength(2)
  })

  it('says in a sentence what can not be had', async () => {
    world = await createArchiveWorld()
    await world.start()
    const said = async (query: string) => {
      const answer = await catchup(query)
      return `${answer.status} ${await answer.text()}`
    }
    await eventually(
      async () => (await said(`from=${instant(FIRST_SEGMENT)}`)).startsWith('404 nothing') || null,
      'it is briefed',
    )
    world.playout.hasSegments(4)
    await isComplete()
    expect(await said('')).toMatch(/^400 say from when/)
    expect(await said('from=yesterday')).toMatch(/^400 from and to are/)
    expect(await said(`from=${instant(FIRST_SEGMENT + 1)}&to=${instant(FIRST_SEGMENT)}`)).toMatch(
      /^400 to must lie after from/,
    )
    expect(await said(`from=${instant(FIRST_SEGMENT - 900)}&to=${instant(FIRST_SEGMENT - 800)}`)).toMatch(
      /^416 that time is not kept: there is 20\d\d-/,
    )
    expect(await said(`from=${instant(FIRST_SEGMENT + 900)}`)).toMatch(/^416/)
    expect((await world.get(`/hls/${station.id}/high/catchup/${FIRST_SEGMENT + 90}.m4s`)).status).toBe(404)
    expect((await world.get(`/hls/${station.id}/medium/catchup.m3u8?from=1`)).status).toBe(404)
  })

  it('asks the slicers when playout is dead, believes no wrong bytes, and fills what nobody has with silence', async () => {
    world = await createArchiveWorld()
    const spoilt = FIRST_SEGMENT + 3
    world.slicer.hasSegments(6)
    world.slicer.state.spoils = (frame) => frame === firstFrameOfSegment(spoilt) + 7
    world.playout.hasSegments(6)
    await world.playout.stop()
    await world.start()
    await eventually(async () => (await world.status()).missing === 1 * 2 || null, 'all but the spoilt ones are kept')
    await eventually(() => world.lastHeartbeat()?.framesMissing === 2 * 188 || null, 'the control center is told')
    expect(world.lastHeartbeat()).toMatchObject({ ready: true, reason: 'recording the air' })
    const text = await (await catchup(`from=${instant(FIRST_SEGMENT)}`)).text()
    expect(parseMediaPlaylist(text).segments).toHaveLength(6)
    expect(text).not.toContain('GAP')
    const bodies = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => segmentFile(FIRST_SEGMENT + index)))
    expect(parseCmaf(bodies[3]!).units.every((unit) => silentUnit(2).equals(unit))).toBe(true)
    expect(bodies[4]!.equals(liveBytes(spoilt + 1))).toBe(true)
    const samples = decode(Buffer.concat([cmafInit(high), ...bodies]), 'mp4')
    expect(samples.length).toBe(6 * 188 * 1024 * 2 * 2)
    const middle = samples.subarray(3.5 * 188 * 1024 * 4, 3.6 * 188 * 1024 * 4)
    expect(middle.every((byte) => byte === 0)).toBe(true)
  })

  it('is killed while it writes: the torn end is fetched again, and so is what came meanwhile', async () => {
    world = await createArchiveWorld()
    world.playout.hasSegments(4)
    await world.start()
    await isComplete()
    await world.kill()
    truncateSync(hourFile(), statSync(hourFile()).size - 1_000)
    world.playout.hasSegments(7)
    await world.start()
    await isComplete()
    for (const index of [2, 3, 4, 6])
      expect((await segmentFile(FIRST_SEGMENT + index)).equals(liveBytes(FIRST_SEGMENT + index))).toBe(true)
    await world.kill()
    // A power cut: the file has grown, but nothing was written into it.
    const record = Buffer.alloc(1_016)
    record.write('ASG1', 0, 'latin1')
    record.writeBigUInt64BE(BigInt(FIRST_SEGMENT + 7), 4)
    record.writeUInt32BE(1_000, 12)
    appendFileSync(hourFile(), record)
    await world.start()
    await eventually(async () => (await world.get('/healthz')).status === 200 || null, 'it is well')
    world.playout.hasSegments(9)
    await isComplete()
    // What is not what its hash says is asked for again when it is found out.
    await segmentFile(FIRST_SEGMENT + 7)
    await eventually(
      async () => (await segmentFile(FIRST_SEGMENT + 7)).equals(liveBytes(FIRST_SEGMENT + 7)) || null,
      'it is mended',
    )
    expect((await segmentFile(FIRST_SEGMENT + 8)).equals(liveBytes(FIRST_SEGMENT + 8))).toBe(true)
  })

  it('deletes the hours that are older than the station keeps them', async () => {
    world = await createArchiveWorld({ days: 0.2 })
    world.playout.hasSegments(3)
    await world.start()
    await isComplete()
    const before = hourFile()
    // The archive was not there for six hours.
    await world.kill()
    world.playout.state.firstAvailableFrame = firstFrameOfSegment(FIRST_SEGMENT + 5_400)
    world.playout.hasSegments(5_403)
    await world.start()
    await isComplete()
    await world.kill()
    await world.start()
    await eventually(
      () => !readdirSync(join(world.folder, 'air', 'high')).some((name) => before.endsWith(name)) || null,
      'it is gone',
    )
    expect((await catchup(`from=${instant(FIRST_SEGMENT)}&to=${instant(FIRST_SEGMENT + 2)}`)).status).toBe(416)
    expect((await segmentFile(FIRST_SEGMENT + 5_401)).equals(liveBytes(FIRST_SEGMENT + 5_401))).toBe(true)
  })
})
