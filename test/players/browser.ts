import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { sleep, systemClock } from '../../platform/clock.ts'
import type { Pcm } from '../oracle/pcm.ts'
import { capturePage, collectorScript, type PageMode } from './capture-page.ts'
import type { CaptureOptions } from './player.ts'

export type CaptureBrowser = {
  capture(mode: PageMode, url: string, options: CaptureOptions): Promise<Pcm>
  canPlay(type: string): Promise<boolean>
  close(): Promise<void>
}

const ARGUMENTS = [
  '--no-sandbox',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
]

/** Starts Chromium, and a server for the pages that play in it. Rejects when Chromium can't be started. */
export async function startCaptureBrowser(executablePath: string): Promise<CaptureBrowser> {
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS })
  const server = await servePages()
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    async capture(mode, url, options) {
      const page = await browser.newPage()
      try {
        await page.goto(`${base}/${mode}.html?url=${encodeURIComponent(url)}`)
        return await collect(page, options)
      } finally {
        await page.close()
      }
    },
    canPlay: (type) => askWhetherItPlays(browser, type),
    async close() {
      await browser.close()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const BLOCKS_AT_ONCE = 2000

async function collect(page: Page, { seconds, secondsMost, signal }: CaptureOptions): Promise<Pcm> {
  const endMs = systemClock.monotonicMs() + secondsMost * 1000
  let heardSeconds = 0
  let errors: string[] = []
  while (heardSeconds < seconds && systemClock.monotonicMs() < endMs) {
    await sleep(systemClock, 500, signal)
    const state = await page.evaluate<{ heard: number; errors: string[] } | null>(
      'globalThis.capture ? { heard: capture.heardSeconds(), errors: capture.errors } : null',
    )
    heardSeconds = state?.heard ?? 0
    errors = state?.errors ?? []
  }
  if (heardSeconds === 0) throw new Error(`no sound; it said: ${errors.slice(-3).join(' | ') || 'nothing'}`)
  const parts: Buffer[] = []
  for (let from = 0; ; from += BLOCKS_AT_ONCE) {
    const part = Buffer.from(await page.evaluate<string>(`capture.take(${from}, ${BLOCKS_AT_ONCE})`), 'base64')
    parts.push(part)
    if (part.length < BLOCKS_AT_ONCE * 512) break
  }
  const bytes = Buffer.concat(parts)
  const channels = [0, 1].map((channel) =>
    Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt16LE(i * 4 + channel * 2) / 32768),
  )
  return { sampleRate: 48_000, channels }
}

async function askWhetherItPlays(browser: Browser, type: string): Promise<boolean> {
  const page = await browser.newPage()
  try {
    return await page.evaluate<boolean>(`document.createElement('audio').canPlayType('${type}') !== ''`)
  } finally {
    await page.close()
  }
}

async function servePages(): Promise<Server> {
  const require = createRequire(import.meta.url)
  const scripts: Record<string, string> = {
    '/hls.js': await readFile(require.resolve('hls.js'), 'utf8'),
    '/dash.js': await readFile(require.resolve('dashjs'), 'utf8'),
    '/collector.js': collectorScript,
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const mode = (['hls.js', 'dash.js', 'native'] as const).find((name) => pathname === `/${name}.html`)
    const script = scripts[pathname]
    response.setHeader('content-type', mode ? 'text/html' : 'text/javascript')
    response.statusCode = mode || script ? 200 : 404
    response.end(mode ? capturePage(mode) : script)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
