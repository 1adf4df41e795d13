import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld, eventually, everythingListed, FIRST_FRAME, FIRST_SEGMENT, type World } from './world.ts'

/** A second or less each; on a machine that does much else at once, more. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const PLAYLIST = '/hls/night-radio/high/index.m3u8'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

describe('when no new segment comes', () => {
  it('the whole station is late: playout is dead, and the old playlist goes on with 200', async () => {
    const [one, two] = await Promise.all([world.pushedSlicer('slicer-1'), world.pushedSlicer('slicer-2')])
    world.playout.advance(188 * 8)
    await Promise.all([one.caughtUp(), two.caughtUp()])
    await Promise.all([one.ready(), two.ready()])
    const before = await (await one.get(PLAYLIST)).text()
    await world.playout.die()
    for (const { clock } of [one, two]) clock.skip(9_000)
    await eventually(
      async () => ((await one.status()).reason.includes('the whole station is late') ? true : null),
      'it says so',
    )
    const response = await one.get(PLAYLIST)
    expect([response.status, await response.text()]).toEqual([200, before])
    expect((await one.get('/healthz')).status).toBe(200)
  })

  it('only the push is cut: what playout has is fetched, and nothing is late', async () => {
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 8)
    await slicer.caughtUp()
    await slicer.ready()
    await slicer.push.close()
    slicer.clock.skip(1_000)
    world.playout.advance(188 * 2)
    await eventually(
      async () => ((await slicer.status()).renditions[0]?.newestSegment === FIRST_SEGMENT + 8 ? true : null),
      'it has followed without a push',
    )
    expect((await slicer.get(PLAYLIST)).status).toBe(200)
  })

  it('others advance and will not give what is lacking: 503, with the reason in a sentence', async () => {
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 8)
    await slicer.caughtUp()
    await slicer.ready()
    world.playout.state.answersFrames = false
    await slicer.push.close()
    world.playout.advance(188 * 2)
    slicer.clock.skip(7_000)
    const response = await eventually(async () => {
      const answer = await slicer.get(PLAYLIST)
      const text = await answer.text()
      return answer.status === 503 && text.includes('while others') ? text : null
    }, 'it refuses')
    expect(response).toMatch(
      /^newest segment of high is \d+\.\d s old, limit 6 s, while others are at segment \d+, 8 s ahead\n$/,
    )
    expect((await slicer.get('/healthz')).status).toBe(503)
    // A segment that is here stays true, whatever the playlist says.
    expect((await slicer.get(`/hls/night-radio/high/${FIRST_SEGMENT + 6}.m4s`)).status).toBe(200)
    world.playout.state.answersFrames = true
    await slicer.ready()
  })

  it('a slicer that wakes from a long sleep asks the others before it lists what it has', async () => {
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 8)
    await slicer.caughtUp()
    await slicer.ready()
    slicer.clock.skip(60_000)
    const response = await slicer.get(PLAYLIST)
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('have not been asked yet')])
  })
})

describe('when playout gives up what it lost', () => {
  it('the old playlist stays until the first new segment, and the window starts there', async () => {
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 8 + 50)
    await slicer.caughtUp()
    await slicer.ready()
    const before = await (await slicer.get(PLAYLIST)).text()

    const resumed = FIRST_FRAME + 188 * 100
    Object.assign(world.playout.state, { generation: 2, firstAvailableFrame: resumed, newestFrame: resumed - 1 })
    await world.playout.pushTo({ rtmpPort: slicer.rtmpPort, pushKey: await slicer.pushKey() })
    world.playout.advance(150)
    await eventually(async () => ((await slicer.status()).generation === 2 ? true : null), 'generation 2 is heard')
    expect(await (await slicer.get(PLAYLIST)).text()).toBe(before)

    world.playout.advance(188 + 50)
    await eventually(async () => {
      const text = await (await slicer.get(PLAYLIST)).text()
      return text.match(/m4s/g)?.length === 1 && text.includes(`\n${FIRST_SEGMENT + 100}.m4s\n`) ? true : null
    }, 'the first new segment is listed, alone')
    // One that holds nothing from before has too little to list until three are made.
    const late = await world.pushedSlicer('slicer-2')
    world.playout.advance(188 * 2)
    await Promise.all([late.caughtUp(), slicer.caughtUp()])
    await Promise.all([late.ready(), slicer.ready()])
    expect(await everythingListed(late.base)).toEqual(await everythingListed(slicer.base))
  })
})

describe('a peer that hangs', () => {
  it('delays nobody for ever: the slicer joins all the same', async () => {
    const hanging = createServer(() => undefined)
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`
    world.control.morePeers.push({ id: 'hanging', role: 'slicer', url, credentialSha256: '' })
    world.playout.advance(188 * 8)
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188)
    await slicer.caughtUp()
    await slicer.ready()
    hanging.closeAllConnections()
    await new Promise((resolve) => hanging.close(resolve))
  })
})
