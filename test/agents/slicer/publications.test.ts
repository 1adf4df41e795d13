import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openFakePush } from './fake-playout.ts'
import { createWorld, eventually, FIRST_FRAME, FIRST_SEGMENT, type World } from './world.ts'

/** A second or less each; on a machine that does much else at once, more. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

describe('who may push', () => {
  it('nobody without the key', async () => {
    const slicer = await world.slicer('slicer-1')
    await slicer.pushKey()
    await expect(openFakePush({ rtmpPort: slicer.rtmpPort, pushKey: 'f'.repeat(64) }, {})).rejects.toThrow(/key/)
    expect((await slicer.status()).renditions.every(({ pushConnected }) => !pushConnected)).toBe(true)
  })

  it('no playout that was followed by another: its generation is lower', async () => {
    const slicer = await world.slicer('slicer-1')
    const target = { rtmpPort: slicer.rtmpPort, pushKey: await slicer.pushKey() }
    const newer = await openFakePush(target, { generation: 7, frame: FIRST_FRAME, firstAvailableFrame: FIRST_FRAME })
    await eventually(async () => ((await slicer.status()).generation === 7 ? true : null), 'generation 7 is heard')
    const older = await openFakePush(target, { generation: 6, frame: FIRST_FRAME, firstAvailableFrame: FIRST_FRAME })
    await older.closed('high')
    newer.sendUpTo(FIRST_FRAME + 20)
    await eventually(
      async () => ((await slicer.status()).renditions[0]?.newestFrame === FIRST_FRAME + 20 ? true : null),
      'the newer one still counts',
    )
    await Promise.all([newer.close(), older.close()])
  })

  it('a higher generation ends the push that is open, and goes on at the next number', async () => {
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 8 + 10)
    await slicer.ready()
    world.playout.state.generation = 2
    await world.playout.pushTo({ rtmpPort: slicer.rtmpPort, pushKey: await slicer.pushKey() })
    await Promise.all([slicer.push.closed('high'), slicer.push.closed('low')])
    world.playout.advance(188)
    await eventually(
      async () => ((await slicer.status()).renditions[0]?.newestSegment === FIRST_SEGMENT + 7 ? true : null),
      'the row of frames goes on',
    )
    expect((await slicer.get('/hls/night-radio/high/index.m3u8')).status).toBe(200)
  })

  it('a restarted playout may send its tail again', async () => {
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 8 + 10)
    await slicer.ready()
    world.playout.state.generation = 2
    await world.playout.pushTo(
      { rtmpPort: slicer.rtmpPort, pushKey: await slicer.pushKey() },
      { frame: FIRST_FRAME + 188 * 7 + 5 },
    )
    world.playout.advance(188)
    await eventually(
      async () => ((await slicer.status()).renditions[0]?.newestSegment === FIRST_SEGMENT + 7 ? true : null),
      'the row of frames goes on',
    )
    expect(await slicer.status()).toMatchObject({ ok: true, framesMissing: 0 })
  })

  it('nobody in a packaging version that is not known here', async () => {
    const slicer = await world.slicer('slicer-1')
    const push = await openFakePush({ rtmpPort: slicer.rtmpPort, pushKey: await slicer.pushKey() }, { packaging: 99 })
    await Promise.all([push.closed('high'), push.closed('low')])
    expect((await slicer.status()).generation).toBe(0)
    await push.close()
  })

  it('a segment is listed by the push’s own clock: 24 frames after its last', async () => {
    const slicer = await world.pushedSlicer('slicer-1')
    world.playout.advance(188 * 8 + 23)
    await slicer.ready()
    const newest = async (): Promise<string | undefined> =>
      (await (await slicer.get('/hls/night-radio/high/ts.m3u8')).text()).match(/(\d+)\.ts\n$/)?.[1]
    await eventually(
      async () => ((await slicer.status()).renditions[0]?.newestFrame === FIRST_FRAME + 188 * 8 + 22 ? true : null),
      'all frames are here',
    )
    expect(await newest()).toBe(String(FIRST_SEGMENT + 6))
    expect((await slicer.get(`/hls/night-radio/high/${FIRST_SEGMENT + 7}.ts`)).status).toBe(404)
    world.playout.advance(1)
    await eventually(async () => ((await newest()) === String(FIRST_SEGMENT + 7) ? true : null), 'it is listed')
  })
})
