import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { writeToneFile } from './tone-file.ts'

const CONFIG = resolve(import.meta.dirname, '../../../control-center/studio-page/vite.config.ts')
/** Longer than the tests take: where the file begins again, Chromium joins it badly. */
const TONE_SECONDS = 60

/** Builds the studio page into a folder of its own. Answers that folder. */
export async function buildStudioPage(folder: string): Promise<string> {
  const outDir = join(folder, 'page')
  await build({ configFile: CONFIG, logLevel: 'silent', build: { outDir, emptyOutDir: true } })
  return outDir
}

/** Chromium whose microphone plays a tone, and which says yes when a page asks for it. */
export async function launchWithMicrophone(folder: string, frequencyHz?: number): Promise<Browser> {
  const tone = join(folder, 'tone.wav')
  writeToneFile(tone, TONE_SECONDS, frequencyHz)
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${tone}`,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

/** What a page had to complain about: scripts that failed, and what its own policy forbids. Refused requests are the test's own doing. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    const isOwn = !/Failed to load resource|net::ERR_|WebSocket connection/.test(message.text())
    if (message.type() === 'error' && isOwn) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}
