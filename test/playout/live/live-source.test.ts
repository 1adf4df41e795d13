import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { LiveSource } from '../../../playout/live/live-source.ts'
import { FakeIngest, KEY, RUN } from './fake-ingest.ts'

const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

/** Left counts up, right counts down: what is lost, repeated or swapped shows. */
const ramp = (offset: number): [number, number] => [offset, -offset]

async function ingestAt(newest: number): Promise<FakeIngest> {
  const ingest = await FakeIngest.start(newest, ramp)
  cleanUps.push(() => ingest.close())
  return ingest
}

function reading(ingest: FakeIngest, from: number | 'newest', pairsMax = 48_000) {
  let wake: () => void = () => {}
  const source = new LiveSource({
    peer: ingest.peer,
    keyId: KEY,
    run: RUN,
    from,
    pairsMax,
    clock: systemClock,
    log: createLogger('test', 'silent'),
    onArrival: () => {},
    onChange: () => wake(),
  })
  cleanUps.push(() => source.close())
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (condition()) resolve()
      }
      wake()
    })
  return { source, until }
}

function expectRamp(source: LiveSource, from: number, until: number): void {
  const pairs = new Float32Array((until - from) * 2)
  source.ring.copyTo(pairs, from, until - from)
  for (let index = 0; index < until - from; index++) {
    if (pairs[index * 2] !== from + index || pairs[index * 2 + 1] !== -(from + index))
      expect.fail(`at offset ${from + index} stands ${pairs[index * 2]}`)
  }
}

describe('a feed read by offset', () => {
  it('begins with the newest sample at the moment it is asked for, or with the one that is named', async () => {
    const ingest = await ingestAt(5_000)
    const newest = reading(ingest, 'newest')
    await newest.until(() => newest.source.hasBegun)
    ingest.advance(2_000)
    await newest.until(() => newest.source.ring.newest === 7_000)
    expect(newest.source.ring.oldest).toBe(5_000)
    expectRamp(newest.source, 5_000, 7_000)
    const named = reading(ingest, 4_321)
    await named.until(() => named.source.ring.newest === 7_000)
    expectRamp(named.source, 4_321, 7_000)
  })

  it('goes on at the next sample when the connection is reset in the middle of one', async () => {
    const ingest = await ingestAt(0)
    const { source, until } = reading(ingest, 0)
    await until(() => source.streaming)
    ingest.cutAfter(8 * 1_000 + 3)
    ingest.advance(3_000)
    await until(() => source.ring.newest === 3_000)
    ingest.cut()
    ingest.advance(500)
    await until(() => source.ring.newest === 3_500)
    expectRamp(source, 0, 3_500)
    expect(source.state).toEqual({ state: 'open' })
    expect(ingest.requests.length).toBeGreaterThanOrEqual(3)
  })

  it('asks again until the node answers', async () => {
    const ingest = await ingestAt(100)
    ingest.refuse(true)
    const { source, until } = reading(ingest, 0)
    await until(() => ingest.requests.length >= 3)
    ingest.refuse(false)
    await until(() => source.ring.newest === 100)
    expectRamp(source, 0, 100)
  })

  it('takes no more than it has room for; the rest waits at the node, and comes when some has sounded', async () => {
    const ingest = await ingestAt(0)
    const { source, until } = reading(ingest, 0, 10_000)
    await until(() => source.streaming)
    ingest.advance(480_000)
    await until(() => source.ring.newest >= 20_000)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    const held = source.ring.newest - source.ring.oldest
    expect(held).toBeLessThan(10_000 + 2 * 16_384 + 1)
    let sounded = 0
    while (sounded < 480_000) {
      await until(() => source.ring.newest > sounded)
      const { newest } = source.ring
      expectRamp(source, sounded, newest)
      sounded = newest
      source.discardBefore(sounded)
    }
  })

  it('has ended when the node forgets the feed after its end, and has failed when the offset or the run is gone', async () => {
    const ingest = await ingestAt(0)
    const good = reading(ingest, 0)
    await good.until(() => good.source.streaming)
    ingest.advance(700)
    await good.until(() => good.source.ring.newest === 700)
    ingest.forgetBefore(600)
    const late = reading(ingest, 100)
    await late.until(() => late.source.state.state !== 'open')
    expect(late.source.state).toMatchObject({ state: 'failed', reason: expect.stringContaining('410') })
    ingest.forget()
    await good.until(() => good.source.state.state !== 'open')
    expect(good.source.state).toEqual({ state: 'ended' })
    expectRamp(good.source, 0, 700)
    const unknown = reading(ingest, 'newest')
    await unknown.until(() => unknown.source.state.state !== 'open')
    expect(unknown.source.state).toMatchObject({ state: 'failed', reason: expect.stringContaining('404') })
  })
})
