import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrowserStation, msOfSegment, segmentAtMs } from './browser-station.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-page-'))
let browser: Browser
let station: BrowserStation
let page: Page
/** What the control center answers; null while it is away. */
let isControlThere = true

/** In this segment an anchor has the air. */
let liveSegment = -1

const titleOf = (segment: number) =>
  segment === liveSegment
    ? { title: 'An Evening With Mia', artist: 'Mia' }
    : { title: `Song ${segment}`, artist: 'The Test Tones' }

function itemOf(segment: number) {
  return {
    ...titleOf(segment),
    itemId: `item-${segment}`,
    kind: segment === liveSegment ? 'live' : 'music',
    startedAtMs: msOfSegment(segment),
    endsAtMs: msOfSegment(segment + 1),
    from: 'as-run',
  }
}

/** A short window makes what follows an outage short. */
function createStation(windowSegments: number): BrowserStation {
  return new BrowserStation({
    pageFolder: folder,
    windowSegments,
    titleOf,
    nowPlaying(atMs) {
      if (!isControlThere) return null
      const segment = segmentAtMs(atMs)
      return {
        atMs,
        nowMs: atMs + 9_000,
        now: itemOf(segment),
        next: itemOf(segment + 1),
        recent: [itemOf(segment - 1), itemOf(segment - 2)],
      }
    },
    sound: 'sine=frequency=440,volume=0.5',
  })
}

beforeAll(async () => {
  await build({ logLevel: 'silent', build: { outDir: folder, emptyOutDir: true } })
  station = createStation(2)
  await station.start()
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
  page = await browser.newPage()
}, 40_000)

afterAll(async () => {
  await browser?.close()
  await station?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 20_000)

const heading = (): Promise<string | null> => page.locator('h2').textContent()

describe('the listen page', () => {
  it('plays, shows what is on at the position of this listener, and moves with the sound', async () => {
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(station.url)
    await page.getByRole('heading', { name: 'Evening Air', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Play' }).click()
    await page.getByRole('status').filter({ hasText: 'Playing' }).waitFor({ timeout: 10_000 })
    await page.waitForFunction(`/^Song \\d+$/.test(document.querySelector('h2')?.textContent ?? '')`)
    // Two segments are listed: the listener is one to four behind the studio, and so is what the page says.
    const shown = Number((await heading())!.slice('Song '.length))
    const behind = segmentAtMs(Date.now()) - shown
    expect(behind).toBeGreaterThanOrEqual(1)
    expect(behind).toBeLessThanOrEqual(4)
    await page
      .locator('.next')
      .filter({ hasText: /Song \d+/ })
      .waitFor()
    await page.waitForFunction(`document.title.startsWith('Song ')`)
    expect(requests.filter((url) => !url.startsWith(station.url))).toEqual([])

    // The ring's bars are drawn opaque where there is sound: a 440 Hz tone lifts some of them.
    await page.waitForFunction(`(() => {
      const canvas = document.querySelector('canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value, at) => at % 4 === 3 && value > 220)
    })()`)
  }, 30_000)

  it('says Live with the name of who speaks when this listener hears it, and no longer', async () => {
    liveSegment = segmentAtMs(Date.now())
    await page.locator('.above', { hasText: 'Live Mia' }).waitFor({ timeout: 20_000 })
    // The studio is past it by then: what counts is the listener's own position.
    expect(segmentAtMs(Date.now())).toBeGreaterThan(liveSegment)
    expect(await heading()).toBe('An Evening With Mia')
    await page.locator('.live').waitFor({ state: 'detached', timeout: 8_000 })
    expect(await heading()).toMatch(/^Song \d+$/)
  }, 35_000)

  it('takes titles from the stream itself while the control center is away', async () => {
    isControlThere = false
    const before = await heading()
    await page.waitForFunction(`document.querySelector('h2').textContent !== ${JSON.stringify(before)}`, undefined, {
      timeout: 8_000,
    })
    expect(await heading()).toMatch(/^Song \d+$/)
    isControlThere = true
  }, 15_000)

  it('says plainly that it reconnects when the station is gone, and plays on by itself when it is back', async () => {
    await station.stop()
    await page.getByRole('status').filter({ hasText: 'Reconnecting' }).waitFor({ timeout: 20_000 })
    await station.start()
    await page.getByRole('status').filter({ hasText: 'Playing' }).waitFor({ timeout: 15_000 })
  }, 45_000)

  it('is worked by the keyboard alone', async () => {
    await page.keyboard.press('m')
    await page.getByRole('button', { name: 'Mute', pressed: true }).waitFor()
    await page.locator('body').click({ position: { x: 2, y: 2 } })
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Play' }).waitFor()
    await page.getByRole('status').filter({ hasText: 'Ready when you are' }).waitFor()
  }, 10_000)

  it("plays by the browser's own HLS where there is no Media Source, as on some telephones", async () => {
    const usual = createStation(6)
    await usual.start()
    const phone = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    await phone.addInitScript(`delete window.MediaSource; delete window.ManagedMediaSource`)
    await phone.goto(usual.url)
    await phone.getByRole('button', { name: 'Play' }).click()
    await phone.getByRole('status').filter({ hasText: 'Playing' }).waitFor({ timeout: 15_000 })
    await phone.getByRole('heading', { name: /^Song \d+$/ }).waitFor()
    const isTooWide = await phone.evaluate(`document.documentElement.scrollWidth > innerWidth`)
    expect(isTooWide).toBe(false)
    await phone.close()
    await usual.stop()
  }, 25_000)
})
