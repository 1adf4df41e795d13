import { type CaptureBrowser, startCaptureBrowser } from './browser.ts'
import type { PageMode } from './capture-page.ts'
import { findProgram } from './command-line-player.ts'
import type { PathName } from './paths.ts'
import type { Player } from './player.ts'

export type BrowserPlayers = { players: Player[]; close(): Promise<void> }

const HLS_TYPE = 'application/vnd.apple.mpegurl'

/** hls.js, dash.js and the browser's own player, all in one Chromium, which is started when first needed. */
export function createBrowserPlayers(): BrowserPlayers {
  const program = ['chromium', 'chromium-browser', 'google-chrome'].map(findProgram).find((path) => path !== null)
  let started: Promise<CaptureBrowser> | null = null
  const browser = (): Promise<CaptureBrowser> => (started ??= startCaptureBrowser(program!))

  const player = (name: string, mode: PageMode, cannot: Player['cannot'], needs?: string): Player => ({
    name,
    async missing() {
      if (!program) return 'Chromium is not installed'
      return needs && !(await (await browser()).canPlay(needs)) ? `it does not play ${needs}` : null
    },
    cannot,
    capture: async (url, options) => (await browser()).capture(mode, url, options),
  })
  return {
    players: [
      player('hls.js', 'hls.js', (path) => (path.startsWith('hls-') ? null : NOT_ITS_FORMAT)),
      player('Chromium HLS', 'native', (path) => (path.startsWith('hls-') ? null : NOT_ITS_FORMAT), HLS_TYPE),
      player('Chromium', 'native', (path) => (path === 'stream-aac' ? null : NOT_ITS_FORMAT)),
      player('dash.js', 'dash.js', (path: PathName) => (path === 'dash' ? null : NOT_ITS_FORMAT)),
    ],
    async close() {
      await (await started)?.close()
    },
  }
}

const NOT_ITS_FORMAT = '-'
