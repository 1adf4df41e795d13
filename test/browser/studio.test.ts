import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { create } from 'qrcode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LiveSession } from '../../schemas/live.ts'
import { FakeStudio } from './support/fake-studio.ts'
import { sessionOf } from './support/live-session.ts'
import { buildStudioPage, complaintsOf, launchWithMicrophone } from './support/studio-browser.ts'
import { breaksInTone, rmsOf } from './support/tone-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-studio-'))
const studio = new FakeStudio()
let browser: Browser
let page: Page
let complaints: string[]

/** The engine's words, and the page's. */
const SINCE_MS = Date.parse('2026-11-20T19:00:04Z')
const onAir = (change: Partial<LiveSession> = {}): LiveSession =>
  sessionOf({ state: 'on-air', onAirFromMs: SINCE_MS, ...change })
const says = (headline: string) => page.locator('.headline', { hasText: headline }).waitFor()
const explains = (detail: string | RegExp) => page.locator('.detail', { hasText: detail }).waitFor()
const button = (name: string | RegExp) => page.getByRole('button', { name })

/** Whether the page asks before its tab is closed. */
const isHeldBack = () =>
  page.evaluate<boolean>(`!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))`)

beforeAll(async () => {
  const pageFolder = await buildStudioPage(folder)
  await studio.start(pageFolder)
  browser = await launchWithMicrophone(folder)
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  complaints = complaintsOf(page)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await studio.stop()
  rmSync(folder, { recursive: true, force: true })
}, 20_000)

describe('the studio page', () => {
  it('lets an anchor in by name and password, and says that nothing is on air yet', async () => {
    await page.goto(studio.url)
    await page.getByLabel('Name').fill('Mia')
    await page.getByLabel('Password').fill('wrong words')
    await button('Sign in').click()
    await page.getByRole('alert').filter({ hasText: 'Name or password is wrong.' }).waitFor()
    await page.getByLabel('Password').fill('right words in a row')
    await button('Sign in').click()
    await says('OFF AIR')
    await explains('Not connected: listeners hear music.')
    expect(await button('Go live').isDisabled()).toBe(true)
    expect(await isHeldBack()).toBe(false)
    await page
      .locator('.rundown')
      .filter({ hasText: /1:\d\d to the next item/ })
      .waitFor()
  }, 20_000)

  it("sends the microphone's sound as it is, piece by piece, and shows what is heard of it", async () => {
    await button('Connect the microphone').click()
    await page.getByText('The station hears you at -9 dB').waitFor()
    await page.getByText('Good level').waitFor()
    expect(studio.hellos).toEqual([
      { type: 'hello', ticket: 'studio-mia.9999999999.ticket', sampleRate: 48_000, channels: 1, session: null },
    ])
    const from = studio.pieces.length
    await expect.poll(() => studio.pieces.length, { timeout: 8_000 }).toBeGreaterThan(from + 150)
    const pieces = studio.pieces.slice(from, from + 150)
    expect(pieces.every(({ pcm }) => pcm.length === 960)).toBe(true)
    expect(pieces.map(({ sequence }) => sequence)).toEqual(pieces.map((_, at) => pieces[0]!.sequence + at))
    const sound = Int16Array.from(pieces.flatMap(({ pcm }) => [...pcm]))
    expect(rmsOf(sound)).toBeCloseTo(8_000 / Math.SQRT2, -2)
    expect(breaksInTone(sound)).toEqual([])
  }, 25_000)

  it('is ready when the engine says so, and never on air by a click alone', async () => {
    studio.say(sessionOf({ state: 'buffering', reason: '200 of 600 ms are in hand.' }))
    await says('CONNECTING…')
    await explains('200 of 600 ms are in hand.')
    expect(await button('Go live').isDisabled()).toBe(true)
    studio.say(sessionOf())
    await says('READY')
    await page.evaluate(`{
      window.headlines = []
      new MutationObserver(() => window.headlines.push(document.querySelector('.headline').textContent))
        .observe(document.querySelector('.state'), { subtree: true, childList: true, characterData: true })
    }`)
    await button('Go live').click()
    await expect
      .poll(() => studio.orders)
      .toEqual([{ by: 'control-center', path: 'sessions/session-1/go-live', body: { when: 'now' } }])
    studio.say(sessionOf({ notes: [{ atMs: Date.now(), text: 'Nothing came of it.' }] }))
    await page.getByText('Nothing came of it.').waitFor()
    expect(await page.locator('.headline').textContent()).toBe('READY')
    expect(await page.evaluate('window.headlines.filter((text) => /AIR|LIVE/.test(text))')).toEqual([])
    // A refusal is told in the engine's own words.
    studio.refuseWith = 'Otto is on air until 20:00.'
    await button('Go live').click()
    await page.getByRole('alert').filter({ hasText: 'Otto is on air until 20:00.' }).waitFor()
    studio.refuseWith = null
    studio.orders.length = 0
  }, 20_000)

  it('goes live at the end of the item when asked to, by the keyboard alone, and takes it back', async () => {
    await page.getByRole('radio', { name: /after this item/ }).focus()
    await page.keyboard.press('Space')
    await button('Go live').focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => studio.orders.at(-1)?.body).toEqual({ when: 'item-end' })
    const pending = { action: 'go-live', when: 'item-end', atMs: null } as const
    studio.say(sessionOf({ pending }))
    await says('GOING LIVE…')
    await explains('Not on air yet: when this item ends.')
    await page.locator('.timer', { hasText: /^−[01]:\d\d$/ }).waitFor()
    await button('Cancel: do not go live').click()
    await expect.poll(() => studio.orders.at(-1)?.path).toBe('sessions/session-1/cancel')
    studio.say(sessionOf())
    await says('READY')
    // A time is the station's: 20:30 in Berlin.
    await page.getByLabel('Time to go live').fill('20:30:00')
    await button('Go live').click()
    await expect.poll(() => studio.orders.at(-1)?.body).toMatchObject({ when: 'at' })
    const { atMs } = studio.orders.at(-1)!.body as { atMs: number }
    expect(new Date(atMs).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })).toBe('20:30:00')
  }, 20_000)

  it('says ON AIR with the instant of the first sample that listeners hear, and warns before the tab is closed', async () => {
    const next = sessionOf({ id: 'session-2', anchorId: 'otto', anchorName: 'Otto', keyId: 'obs-otto', source: 'rtmp' })
    studio.say(onAir(), next)
    await says('ON AIR')
    await explains('since 20:00:04')
    expect(await page.title()).toContain('ON AIR')
    expect(await button('Go live').count()).toBe(0)
    expect(await button('Disconnect').isDisabled()).toBe(true)
    await button('Music under my voice: off').click()
    await expect
      .poll(() => studio.orders.at(-1))
      .toMatchObject({ path: 'sessions/session-1/talk-over', body: { on: true } })
    await button('Hand over to Otto').click()
    await expect
      .poll(() => studio.orders.at(-1))
      .toMatchObject({
        path: 'sessions/session-1/hand-over',
        body: { to: 'session-2' },
      })
    expect(await isHeldBack()).toBe(true)
  }, 20_000)

  it('comes back by itself after a reset, in the same session, with what was said meanwhile', async () => {
    const heardBefore = studio.pieces.at(-1)!.sequence
    const resetAtMs = Date.now()
    studio.resetSocket()
    await expect.poll(() => studio.hellos.length, { interval: 20 }).toBe(2)
    expect(Date.now() - resetAtMs).toBeLessThan(1_500)
    expect(studio.hellos[1]!.session).toBe('session-1')
    await expect.poll(() => studio.pieces.at(-1)!.sequence, { timeout: 8_000 }).toBeGreaterThan(heardBefore + 60)
    const sequences = studio.pieces.map(({ sequence }) => sequence).filter((sequence) => sequence > heardBefore)
    // What was under way when the connection was cut is gone; what came after waited in the page.
    expect(sequences[0]! - heardBefore).toBeLessThan(15)
    expect(sequences).toEqual(sequences.map((_, at) => sequences[0]! + at))
    await page.locator('.connection').filter({ hasText: 'Reconnections1' }).waitFor()
  }, 20_000)

  it('says what listeners hear while a connection is down, a microphone silent, or a session ending', async () => {
    studio.say(onAir({ covered: { because: 'lost', sinceMs: Date.now() } }))
    await says('LISTENERS HEAR MUSIC')
    await explains('Your connection dropped. You come back by yourself')
    studio.say(onAir({ covered: { because: 'silence', sinceMs: Date.now() } }))
    await explains('Your microphone is silent.')
    studio.say(sessionOf({ state: 'draining' }))
    await says('ENDING…')
    studio.say(onAir({ talkOver: true }))
    await explains('Listeners hear you over quiet music.')
  }, 20_000)

  it('goes on by the ingest while the control center is away, and admits it when nobody answers', async () => {
    studio.killControlCenter()
    await page
      .getByText('The control center does not answer: this is known from the ingest')
      .waitFor({ timeout: 12_000 })
    await says('ON AIR')
    await button('End').click()
    await expect.poll(() => studio.orders.at(-1), { timeout: 6_000 }).toEqual({ by: 'socket', path: 'end', body: {} })
    studio.refuseOrder('The session is ending already.')
    await page.getByRole('alert').filter({ hasText: 'The session is ending already.' }).waitFor()
    // Playout is silent as well: the ingest can't know any more.
    studio.playoutProblem = 'Playout does not answer.'
    await says('NOT KNOWN')
    await explains('Last known: on air since 20:00:04. You may still be heard.')
    studio.reviveControlCenter()
    studio.playoutProblem = null
    await says('ON AIR')
  }, 40_000)

  it('says goodbye when it disconnects, and breaks no rule of its own policy', async () => {
    studio.say(sessionOf())
    await says('READY')
    await button('Disconnect').click()
    await expect.poll(() => studio.goodbyes).toEqual(['bye'])
    studio.say()
    await says('OFF AIR')
    expect(complaints).toEqual([])
  }, 15_000)
})

describe('the rest of the studio page', () => {
  it('gives an encoder its settings, to be copied or photographed', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await button('Show the settings for OBS, BUTT and SRT').click()
    await button('Copy OBS (RTMP): Stream key').click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('obs-mia?expires=1&signature=ab')
    await button('QR code for a telephone').first().click()
    const drawn = await page.locator('.qr path').getAttribute('d')
    const { modules } = create('rtmp://127.0.0.1:1935/live/obs-mia?expires=1&signature=ab', {
      errorCorrectionLevel: 'M',
    })
    expect(drawn!.split('M').length - 1).toBe(modules.data.filter((dark) => dark !== 0).length)
    expect(complaints).toEqual([])
  }, 15_000)

  it('fits on a telephone in every state, with the big button within reach', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    for (const session of [
      null,
      sessionOf(),
      onAir(),
      onAir({ covered: { because: 'lost', sinceMs: Date.now() } }),
      sessionOf({ pending: { action: 'go-live', when: 'item-end', atMs: null } }),
    ]) {
      studio.say(...(session === null ? [] : [session]))
      await page.locator(`main[data-state="${stateOf(session)}"]`).waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
      const box = await page.locator('button.big').first().boundingBox()
      expect(box!.y + box!.height).toBeLessThan(740)
    }
  }, 15_000)

  it('tells what to do about a microphone that it may not have, or was not given', async () => {
    const refused = await browser.newPage()
    await refused.addInitScript(`navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('no', 'NotAllowedError'))`)
    await refused.goto(studio.url)
    await refused.getByRole('button', { name: 'Connect the microphone' }).click()
    await refused.getByRole('alert').filter({ hasText: 'The browser was not allowed to use the microphone.' }).waitFor()
    expect(studio.hellos.length).toBe(2)
    await refused.close()

    const insecure = await browser.newPage()
    await insecure.addInitScript(`Object.defineProperty(window, 'isSecureContext', { value: false })`)
    await insecure.goto(studio.url)
    await insecure.getByText('Browsers give no microphone to a page that came over plain http').waitFor()
    expect(await insecure.getByRole('button', { name: 'Connect the microphone' }).isDisabled()).toBe(true)
    await insecure.close()
  }, 15_000)

  it('keeps the connection when the microphone is unplugged, and says so', async () => {
    const desk = await browser.newPage()
    await desk.addInitScript(`{
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = async (wanted) => (window.given = await real(wanted))
    }`)
    await desk.goto(studio.url)
    const hellos = studio.hellos.length
    await desk.getByRole('button', { name: 'Connect the microphone' }).click()
    await desk.getByText('Good level').waitFor()
    await desk.evaluate(`window.given.getAudioTracks()[0].dispatchEvent(new Event('ended'))`)
    await desk.getByRole('alert').filter({ hasText: 'was unplugged or taken away' }).waitFor()
    await desk.getByRole('button', { name: 'Try again' }).click()
    await desk.getByText('Good level').waitFor()
    expect(studio.hellos.length).toBe(hellos + 1)
    await desk.close()
  }, 15_000)
})

function stateOf(session: LiveSession | null): string {
  if (session === null) return 'off-air'
  if (session.covered !== null) return 'covered'
  return session.pending === null ? session.state : 'going-live'
}
