import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { segmentOfFrame } from '../../../media/timeline.ts'
import { markerOf, unitOf } from './fake-playout.ts'
import { createWorld, eventually, everythingListed, FIRST_FRAME, FIRST_SEGMENT, type World } from './world.ts'

/** A second or less each; on a machine that does much else at once, more. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const PLAYLIST = '/hls/night-radio/high/index.m3u8'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

/** A slicer that has joined, with a push of which something is changed from then on. */
async function joinedSlicer(changes: Parameters<World['playout']['pushTo']>[1] = {}) {
  const slicer = await world.slicer('slicer-1')
  await world.playout.pushTo({ rtmpPort: slicer.rtmpPort, pushKey: await slicer.pushKey() }, changes)
  world.playout.advance(188 * 7 + 30)
  await slicer.ready()
  return slicer
}

/** Frames that a push loses: those of the eleventh segment from its hundredth on, thirty of them. */
const HOLE = FIRST_FRAME + 188 * 10 + 100
const isInHole = (frame: number): boolean => frame >= HOLE && frame < HOLE + 30

describe('what the push does not bring', () => {
  it('is fetched from playout: 503 until it is here, and the bytes are right', async () => {
    const slicer = await joinedSlicer({ drops: (_, frame) => isInHole(frame) })
    world.playout.state.answersFrames = false
    world.playout.advance(188 * 4)
    const refused = await eventually(async () => {
      const response = await slicer.get(PLAYLIST)
      return response.status === 503 ? response : null
    }, 'the hole is noticed')
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.text()).toBe(`segment ${segmentOfFrame(HOLE)} of high is not whole here yet\n`)
    expect((await slicer.get(`/hls/night-radio/high/${segmentOfFrame(HOLE)}.m4s`)).status).toBe(503)

    world.playout.state.answersFrames = true
    await slicer.ready()
    const other = await world.pushedSlicer('slicer-2')
    world.playout.advance(1)
    await other.caughtUp()
    await other.ready()
    expect(await everythingListed(slicer.base)).toEqual(await everythingListed(other.base))
    expect((await slicer.status()).framesFetched).toBe(60)
  })

  it('is fetched from a peer when playout has lost it', async () => {
    const peer = await world.pushedSlicer('slicer-2')
    const slicer = await joinedSlicer({ drops: (_, frame) => isInHole(frame) })
    world.playout.state.lost = (_, frame) => isInHole(frame)
    world.playout.advance(188 * 4)
    await eventually(
      async () => ((await slicer.status()).renditions[0]?.newestSegment === FIRST_SEGMENT + 10 ? true : null),
      'the segment with the hole is the newest',
    )
    await Promise.all([slicer.caughtUp(), peer.caughtUp()])
    await slicer.ready()
    expect(await everythingListed(slicer.base)).toEqual(await everythingListed(peer.base))
  })

  it('goes unlisted when nobody has it: an old playlist, answered with 200, then a window without it', async () => {
    const slicer = await joinedSlicer({ drops: (_, frame) => isInHole(frame) })
    world.playout.state.lost = (_, frame) => isInHole(frame)
    world.playout.advance(188 * 4)
    const old = await eventually(async () => {
      const response = await slicer.get(PLAYLIST)
      return response.status === 200 && (await slicer.status()).reason.includes('nobody') ? response : null
    }, 'the slicer finds that nobody has it')
    expect(await old.text()).toMatch(new RegExp(`\\n${FIRST_SEGMENT + 9}\\.m4s\\n$`))

    world.playout.advance(188 * 6)
    const next = await eventually(async () => {
      const text = await (await slicer.get(PLAYLIST)).text()
      return text.includes(`#EXT-X-MEDIA-SEQUENCE:${FIRST_SEGMENT + 11}\n`) ? text : null
    }, 'the hole has left the window')
    expect(next).not.toContain('DISCONTINUITY')
  })

  it('may be a marker: without one nothing is listed, and it comes with the frames of playout', async () => {
    const slicer = await joinedSlicer({
      markerOf: (rendition, segment, generation) =>
        markerOf(rendition, segment === FIRST_SEGMENT + 9 ? segment - 1 : segment, generation),
    })
    world.playout.advance(188 * 4)
    await eventually(
      async () => (await slicer.get(`/hls/night-radio/low/${FIRST_SEGMENT + 9}.aac`)).status === 200 || null,
      'the segment is sealed',
    )
  })
})

describe('what differs', () => {
  it('a marker that lies is overruled by playout, and the segment is as on any other node', async () => {
    const lie = 'f'.repeat(64)
    const slicer = await joinedSlicer({
      markerOf: (rendition, segment, generation) => ({
        ...markerOf(rendition, segment, generation),
        ...(segment === FIRST_SEGMENT + 9 ? { sha256: lie } : {}),
      }),
    })
    const other = await world.pushedSlicer('slicer-2')
    world.playout.advance(188 * 4)
    await Promise.all([slicer.caughtUp(), other.caughtUp()])
    await Promise.all([slicer.ready(), other.ready()])
    await eventually(
      async () => (await slicer.get(`/hls/night-radio/high/${FIRST_SEGMENT + 9}.ts`)).status === 200 || null,
      'the segment is settled',
    )
    expect(await everythingListed(slicer.base)).toEqual(await everythingListed(other.base))
  })

  it('frames that were damaged on the way are replaced by those that fit the marker', async () => {
    const slicer = await joinedSlicer({
      unitOf: (rendition, frame) => (isInHole(frame) ? Buffer.from('damaged') : unitOf(rendition, frame)),
    })
    const other = await world.pushedSlicer('slicer-2')
    world.playout.advance(188 * 4)
    await eventually(
      async () => (await slicer.get(`/hls/night-radio/high/${segmentOfFrame(HOLE)}.m4s`)).status === 200 || null,
      'the segment is settled',
    )
    await Promise.all([slicer.caughtUp(), other.caughtUp()])
    await Promise.all([slicer.ready(), other.ready()])
    expect(await everythingListed(slicer.base)).toEqual(await everythingListed(other.base))
  })

  it('a peer is not believed about a marker: what it hands out must fit the one that playout gave', async () => {
    const slicer = await joinedSlicer({
      unitOf: (rendition, frame) => (isInHole(frame) ? Buffer.from('damaged') : unitOf(rendition, frame)),
    })
    world.playout.state.answersFrames = false
    const liar = await world.slicer('slicer-2')
    await world.playout.pushTo(
      { rtmpPort: liar.rtmpPort, pushKey: await liar.pushKey() },
      { unitOf: (rendition, frame) => (isInHole(frame) ? Buffer.from('another') : unitOf(rendition, frame)) },
    )
    world.playout.advance(188 * 4)
    const segment = `/hls/night-radio/high/${segmentOfFrame(HOLE)}.m4s`
    await eventually(async () => (await slicer.get(segment)).status === 503 || null, 'the segment is refused')
    world.playout.state.answersFrames = true
    await eventually(async () => (await slicer.get(segment)).status === 200 || null, 'playout settles it')
  })
})
