import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Station } from '../end-to-end/support/station.ts'
import { EMERGENCY, FREQUENCIES } from '../end-to-end/support/tone-music.ts'
import { listen } from '../oracle/listen.ts'
import { lengthOf, sliceOf } from '../oracle/pcm.ts'
import type { ListenReport } from '../oracle/report.ts'
import { hearTurns } from '../oracle/turns.ts'
import { complaintsOf, launchWithMicrophone } from './support/studio-browser.ts'

/**
 * An anchor in a browser takes the air of a whole station, from the personal link to the last word, while a player listens at the edge;
 * then what was published is decoded.
 */
const VOICE_HZ = 4_500
const station = new Station()
const folder = mkdtempSync(join(tmpdir(), 'airtight-on-air-'))
const enough = new AbortController()
let browser: Browser
/** Of the first admin, signed in. */
let desk: Page
let listening: Promise<ListenReport>

beforeAll(async () => {
  await station.prepare({ songsLonger: 4, live: 'live: { graceSeconds: 3, levelling: false }' })
  await station.start()
  await station.plannedFromAll()
  browser = await launchWithMicrophone(folder, VOICE_HZ)
  desk = await browser.newPage()
  await desk.goto(/First admin\s+(\S+)/.exec(station.output)![1]!)
  await desk.getByLabel('name').fill('Founder')
  await desk.getByLabel('Password').fill('a password of the founder')
  await desk.getByRole('button', { name: 'Begin' }).click()
  await desk.waitForURL(/\/people$/)
  listening = listen(station.master(station.edge), { seconds: 120, enough: enough.signal })
  listening.catch(() => {})
}, 120_000)

afterAll(async () => {
  enough.abort()
  await browser?.close()
  await station.dispose()
  rmSync(folder, { recursive: true, force: true })
}, 30_000)

const stateOf = (page: Page, state: string) => page.locator(`main[data-state="${state}"]`).waitFor({ timeout: 15_000 })
/** Asks the control center as the first admin. */
const ask = <Answer>(method: string, path: string, body?: object): Promise<Answer> =>
  desk.evaluate(
    `(async () => {
      const { csrf } = await (await fetch('/api/session')).json()
      const headers = { 'content-type': 'application/json', 'x-airtight-csrf': csrf }
      const answer = await fetch('${path}', { method: '${method}', ${body ? `headers, body: '${JSON.stringify(body)}'` : ''} })
      return answer.json()
    })()`,
  ) as Promise<Answer>
const onAirNow = async (): Promise<string | null> =>
  (await ask<{ onAirSessionId: string | null }>('GET', '/api/live')).onAirSessionId

describe('an anchor in a browser', () => {
  let page: Page

  it('signs in by a personal link, connects the microphone, and is ready', async () => {
    const { person } = await ask<{ person: { id: string } }>('POST', '/api/people', { name: 'Mia', roles: ['anchor'] })
    const { path } = await ask<{ path: string }>('POST', `/api/people/${person.id}/link`, {})
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    await page.goto(`${station.control}${path}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(/\/studio$/, { timeout: 10_000 })
    await stateOf(page, 'off-air')
    await page.getByRole('button', { name: 'Connect the microphone' }).click()
    await stateOf(page, 'ready')
    expect(await onAirNow()).toBeNull()
  }, 60_000)

  it('clicks, is told ON AIR when it is so, speaks and ends', async () => {
    const complaints = complaintsOf(page)
    await page.getByRole('button', { name: 'Go live' }).click()
    await stateOf(page, 'on-air')
    expect(await onAirNow()).not.toBeNull()
    await expect
      .poll(async () => (await page.locator('.timer').textContent()) === '0:04', { timeout: 10_000 })
      .toBe(true)
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await stateOf(page, 'ready')
    expect(await onAirNow()).toBeNull()
    expect(complaints).toEqual([])
  }, 60_000)

  it('closes the tab while on air: listeners hear the programme again', async () => {
    await page.getByRole('button', { name: 'Go live' }).click()
    await stateOf(page, 'on-air')
    await expect
      .poll(async () => (await page.locator('.timer').textContent()) === '0:03', { timeout: 10_000 })
      .toBe(true)
    await page.close()
    await expect.poll(onAirNow, { timeout: 20_000 }).toBeNull()
  }, 60_000)

  it('was heard from the first to the last word, and nobody heard a seam', async () => {
    const newestMs = Date.now()
    // The player is behind the station: until it has what came after.
    await expect.poll(() => Date.now() - newestMs > 12_000, { timeout: 15_000, interval: 500 }).toBe(true)
    enough.abort()
    const report = await listening
    const { pcm } = report.recording
    const heard = hearTurns(sliceOf(pcm!, 1024, lengthOf(pcm!)), [
      { name: 'programme', frequencies: FREQUENCIES.filter((frequency) => frequency !== EMERGENCY.frequency) },
      { name: 'Mia', frequencies: [VOICE_HZ] },
    ])
    expect(report.failures).toEqual([])
    expect(report.playlist.discontinuities).toBe(0)
    expect(heard.turns.map(({ party }) => party)).toEqual(['programme', 'Mia', 'programme', 'Mia', 'programme'])
    for (const { gapMs, overlapMs } of heard.changes) {
      expect(gapMs).toBe(0)
      expect(overlapMs).toBeGreaterThan(100)
    }
    const seconds = heard.turns
      .filter(({ party }) => party === 'Mia')
      .map(({ fromSample, toSample }) => (toSample - fromSample) / 48_000)
    expect(seconds[0]).toBeGreaterThan(4)
    expect(seconds[1]).toBeGreaterThan(3)
  }, 60_000)
})
