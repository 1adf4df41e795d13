import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PersonView } from '../../schemas/accounts.ts'
import '../control-center/support/eventually.ts'
import { ADMIN, createBrowser, firstAdminToken } from '../control-center/support/people.ts'
import { type Station, startStation } from '../control-center/support/station.ts'

const WAIT_MS = 10_000

describe('an admin with a browser', () => {
  let station: Station
  let chrome: Browser
  let admin: Page
  const complaints: string[] = []
  const open = async (): Promise<Page> => {
    const page = await (await chrome.newContext()).newPage()
    page.setDefaultTimeout(WAIT_MS)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      // What is refused on purpose is answered with 4xx, which the browser complains of.
      if (message.type() === 'error' && !/status of 4/.test(message.text())) complaints.push(message.text())
    })
    page.on('dialog', (dialog) => void dialog.accept())
    return page
  }
  beforeAll(async () => {
    station = await startStation()
    chrome = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
  })
  afterAll(async () => {
    await chrome?.close()
    await station.end()
  })
  const anna = async (): Promise<PersonView | undefined> => {
    const asked = createBrowser(station.url)
    await asked.change('POST', '/api/session', ADMIN)
    const { people } = await asked.get<{ people: PersonView[] }>('/api/people')
    return people.find(({ name }) => name.startsWith('Anna'))
  }
  const detailsOf = (name: string) => admin.locator('#list > details', { hasText: name })

  it('becomes the admin by the link, and is sent to the people', async () => {
    admin = await open()
    await admin.goto(`${station.url}/people`)
    await admin.waitForURL('**/sign-in?next=/people')
    await admin.getByText('There is no admin yet').waitFor()
    await admin.goto(`${station.url}/link/${await firstAdminToken(station.folder)}`)
    await admin.fill('#name', ADMIN.name)
    await admin.fill('#password', ADMIN.password)
    await admin.click('text=Begin')
    await admin.waitForURL('**/people')
    await detailsOf(ADMIN.name).waitFor()
  })

  it('adds an anchor, gives a personal link, and the link works in another browser, where looking at it does not use it', async () => {
    await admin.fill('#add-name', 'Anna Anchor')
    await admin.click('#add button.main')
    const part = detailsOf('Anna Anchor')
    await part.getByRole('button', { name: 'Make a new link' }).click()
    const link = (await part.locator('.once code').textContent())!
    expect(link).toMatch(new RegExp(`^${station.url}/link/`))
    for (const _look of [1, 2]) expect((await fetch(link)).status).toBe(200)
    expect((await anna())?.sessions).toBe(0)
    const anchor = await open()
    await anchor.goto(link)
    await anchor.click('text=Sign in')
    await anchor.waitForURL('**/studio')
    expect((await anna())?.sessions).toBe(1)
    await anchor.goto(`${station.url}/people`)
    await anchor.getByText('This page is for admins').waitFor()
    await anchor.close()
    await part.getByRole('button', { name: 'Revoke link' }).click()
    await part.getByText('None.').waitFor()
    expect((await anna())?.sessions).toBe(0)
  })

  it('makes a key for a slot of the week with SRT, limits it further, and revokes it', async () => {
    const part = detailsOf('Anna Anchor')
    await part.getByText('Make a push key').click()
    const form = part.locator('form', { has: admin.getByRole('button', { name: 'Make key' }) })
    await form.getByLabel('Label').fill('OBS at home')
    await form.getByLabel('SRT port').fill('9001')
    await form.getByRole('button', { name: 'Limit to a slot' }).click()
    await form.getByLabel('sun').uncheck()
    await form.getByRole('button', { name: 'Make key' }).click()
    const shown = part.locator('.once', { hasText: 'Push key OBS at home' }).locator('code')
    expect(await shown.first().textContent()).toMatch(/^[0-9a-f]{32}$/)
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat']
    expect((await anna())?.keys).toMatchObject([
      { label: 'OBS at home', srtPort: 9001, slots: [{ days, start: '20:00', end: '22:00' }] },
    ])
    const row = part.locator('details', { hasText: 'OBS at home' })
    await row.locator('summary').click()
    await row.getByRole('button', { name: 'Sign an address' }).click()
    expect(await row.locator('.once code').textContent()).toMatch(/^key-[0-9a-f]+\?expires=\d+&signature=[0-9a-f]{64}$/)
    await row.getByRole('button', { name: 'Revoke key' }).click()
    await row.waitFor({ state: 'detached' })
    expect((await anna())?.keys).toEqual([])
  })

  it('is told what is wrong in words, and reads in the log what was done', async () => {
    const part = detailsOf(ADMIN.name)
    await part.locator('> summary').click()
    await part.getByRole('button', { name: `Remove ${ADMIN.name}` }).click()
    await part.getByText('is the only admin who can sign in').waitFor()
    await admin.locator('#add-token input').first().fill('robot')
    await admin.click('text=Make token')
    expect(await admin.locator('#made-token code').textContent()).toMatch(/^att_/)
    await admin.locator('#tokens').getByText('robot').waitFor()
    await admin.locator('#audit tr', { hasText: 'make token' }).waitFor()
    expect(await admin.locator('#audit tr', { hasText: 'revoke key' }).textContent()).toContain(ADMIN.name)
  })

  it('signs out everywhere, and in again by name and password', async () => {
    await admin.goto(`${station.url}/sign-in`)
    await admin.click('#sign-out-everywhere')
    await admin.fill('#name', ADMIN.name)
    await admin.fill('#password', 'not the right one')
    await admin.click('#sign-in button')
    await admin.getByText('There is nobody of this name with this password').waitFor()
    await admin.fill('#password', ADMIN.password)
    await admin.click('#sign-in button')
    await admin.waitForURL('**/people')
    expect(complaints).toEqual([])
  })
})
