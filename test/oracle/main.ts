import { parseArgs } from 'node:util'
import { systemClock } from '../../platform/clock.ts'
import { listenToEndless } from './endless.ts'
import { listen } from './listen.ts'
import { printReport } from './print-report.ts'
import type { ListenReport } from './report.ts'

const USAGE = `npm run oracle -- URL [--also URL2] [--minutes N] [--rendition NAME] [--allow-silence] [--json]

Listens to a station as a player does, decodes what it heard, and measures. URL is a master or media playlist (.m3u8), or an endless
stream (.aac). Ends with 0 when all that must be zero is zero, with 1 when it is not, with 2 when it could not listen.

  --also URL2      a second origin of the same station: compared byte for byte
  --minutes N      how long to listen (default 1; fractions are allowed)
  --rendition NAME which variant of a master playlist: part of its address (default: the first)
  --allow-silence  silence is part of this programme
  --json           the report as JSON`

const options = {
  also: { type: 'string' },
  minutes: { type: 'string', default: '1' },
  rendition: { type: 'string' },
  'allow-silence': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [url, ...more] = positionals
  const seconds = Number(values.minutes) * 60
  if (values.help || !url || more.length > 0 || !(seconds > 0)) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')))
  process.once('SIGTERM', () => interrupted.abort(new Error('ended')))
  const { signal } = interrupted
  if (new URL(url).pathname.endsWith('.aac')) return await hearEndless(url, seconds, values.json, signal)
  const { also, rendition } = values
  const report = await listen(url, { seconds, also, rendition, signal, silenceAllowed: values['allow-silence'] })
  console.log(values.json ? JSON.stringify(withoutRecording(report), null, 2) : printReport(report))
  return report.failures.length === 0 ? 0 : 1
}

async function hearEndless(url: string, seconds: number, json: boolean, signal: AbortSignal): Promise<number> {
  const { units: _, ...report } = await listenToEndless(url, { seconds, clock: systemClock, signal })
  console.log(
    json
      ? JSON.stringify(report, null, 2)
      : Object.entries(report)
          .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
          .join('\n'),
  )
  return report.frames > 0 && report.headerErrors === 0 && report.stallMs < 1 && report.endedEarly === null ? 0 : 1
}

/** The request log stays: it is what an operator greps. The audio does not. */
function withoutRecording({ recording, ...report }: ListenReport): object {
  return { ...report, requests: recording.requests }
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`the oracle could not listen: ${(error as Error).message}`)
  process.exitCode = 2
}
