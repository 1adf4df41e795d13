import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPlayoutLink } from '../../../control-center/playout-link/link.ts'
import { createPlayoutClient } from '../../../control-center/playout-link/playout-client.ts'
import { createPlayoutClock } from '../../../control-center/playout-link/playout-clock.ts'
import { whatDiffers } from '../../../control-center/playout-link/reconcile.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createHttpClient } from '../../../platform/http-client.ts'
import type { PushTargets } from '../../../schemas/playout.ts'
import { eventually } from '../support/eventually.ts'
import { startFakePlayout } from '../support/fake-playout.ts'

const TOKEN = 'control-token-of-the-tests'
const targets = (version: number): PushTargets => ({ version, targets: [], peers: [] })

describe('what playout must be told', () => {
  it('is nothing when it holds what is wanted, or more, or when nothing is known yet', () => {
    const held = { rundownVersion: 5, targetsVersion: 7 }
    expect(whatDiffers(held, { rundown: null, livePlan: null, targets: targets(7) })).toEqual([])
    expect(whatDiffers(held, { rundown: null, livePlan: null, targets: targets(6) })).toEqual([])
    expect(whatDiffers(held, { rundown: null, livePlan: null, targets: null })).toEqual([])
  })
  it('is a newer list, with the reason', () => {
    expect(
      whatDiffers({ rundownVersion: 5, targetsVersion: 7 }, { rundown: null, livePlan: null, targets: targets(8) }),
    ).toEqual([{ put: 'targets', targets: targets(8), reason: 'playout holds version 7 of the targets, wanted is 8' }])
  })
})

describe('the link to playout', () => {
  let playout: Awaited<ReturnType<typeof startFakePlayout>>
  beforeEach(async () => {
    playout = await startFakePlayout(TOKEN)
  })
  afterEach(() => playout.stop())
  const linkTo = (wanted: { targets: PushTargets }, token = TOKEN, stationId = 'test-radio') => {
    const http = createHttpClient(systemClock)
    const link = createPlayoutLink({
      stationId,
      client: createPlayoutClient(http, playout.url, token),
      clock: systemClock,
      playoutClock: createPlayoutClock(systemClock),
      log: pino({ level: 'silent' }),
      intervalMs: 20,
      wantedRundown: () => null,
      wantedTargets: () => wanted.targets,
      wantedLivePlan: () => null,
      onStatus: () => undefined,
    })
    return {
      link,
      end(): void {
        link.stop()
        http.close()
      },
    }
  }

  it('sends once, sends again when playout lost it, and nothing in between', async () => {
    const wanted = { targets: targets(3) }
    const { link, end } = linkTo(wanted)
    await eventually(() => playout.seen.puts).toEqual(['/targets 3'])
    playout.held.targets = null
    await eventually(() => playout.seen.puts).toEqual(['/targets 3', '/targets 3'])
    wanted.targets = targets(4)
    link.poke()
    await eventually(() => playout.held.targets?.version).toBe(4)
    expect(playout.seen.refusals).toEqual([])
    end()
  })

  it('heals after playout was away, and says meanwhile that it cannot be seen', async () => {
    const { link, end } = linkTo({ targets: targets(3) })
    await eventually(link.problem).toBeNull()
    await playout.stop()
    await eventually(link.problem).toMatch(/^Playout can't be reached: /)
    expect(link.last()?.status.generation).toBe(7)
    await playout.start()
    await eventually(link.problem).toBeNull()
    end()
  })

  it('names the control token when it is the wrong one', async () => {
    const { link, end } = linkTo({ targets: targets(3) }, 'another-token-altogether')
    await eventually(link.problem).toContain('start both with the same AIRTIGHT_CONTROL_TOKEN')
    end()
  })

  it('tells nothing to the playout of another station', async () => {
    const { link, end } = linkTo({ targets: targets(3) }, TOKEN, 'other-radio')
    await eventually(link.problem).toMatch(/^Playout plays another station, test-radio/)
    await eventually(() => playout.seen.statuses).toBeGreaterThan(3)
    expect(playout.seen.puts).toEqual([])
    end()
  })

  it('a list that playout refuses is an alarm, and is offered ever less often', async () => {
    const wrong = { version: 9, targets: [{ id: 'x' }], peers: [] } as unknown as PushTargets
    const { link, end } = linkTo({ targets: wrong })
    await eventually(() => link.alarms().join()).toMatch(
      /^Playout did not take the targets \(version 9\): playout answered 400/,
    )
    await eventually(() => playout.seen.refusals.length).toBeGreaterThanOrEqual(3)
    const refusals = playout.seen.refusals.length
    const { ageMs } = link.last()!
    expect(ageMs).toBeLessThan(5_000)
    await eventually(() => playout.seen.statuses).toBeGreaterThan(refusals * 2)
    end()
  })
})
