import { parseArgs } from 'node:util'
import { systemClock } from '../../platform/clock.ts'
import { printTable } from '../bench/parts/table.ts'
import { Station } from '../end-to-end/support/station.ts'
import type { Fault } from './fault.ts'
import { type LiveSoaked, soakLive } from './live.ts'
import { musicFaults } from './music-faults.ts'
import { processFaults } from './process-faults.ts'
import { type Soaked, soak } from './soak.ts'

const USAGE = `npm run soak [-- --minutes N] [--seed S]
npm run soak -- --live ROUNDS

Starts a station of its own on free ports, with items that each have a tone, and listens to it at the edge while one part after another is
killed, stopped or loses its files. Ends with 0 when the listeners noticed nothing and no program grows, with 1 when not, with 2 when the
station could not be started. Ctrl-C ends it with the report so far. With --live, anchors go on air and off again in every way there is, so many
times each (about a minute a round), and what is published is decoded and measured.

  --minutes N           how long (default 10; fractions are allowed)
  --seed S              which faults come when: a whole number (default: another each time; it is printed)
  --only WORDS          only faults whose name has one of these, parted by commas: "slicer,cut short"
  --listener-minutes N  how long one listener listens before another takes over and its memory is let go (default 10)`

/** 32 to 48 s: an item is often on air long enough to be harmed, and ends often enough to be heard ending. */
const SONGS_LONGER = 4
const START_MS = 180_000
/** Each kind of coming and going once. */
const LIVE_ROUND_MS = 120_000
/** The schedule repeats itself daily: tones for less than a day. */
const TONES_MOST_MS = 20 * 3_600_000

const options = {
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string' },
  only: { type: 'string', default: '' },
  'listener-minutes': { type: 'string', default: '10' },
  live: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<number> {
  const { values } = parseArgs({ options })
  const minutes = Number(values.minutes)
  const listenerMinutes = Number(values['listener-minutes'])
  const faults = faultsNamed(values.only.split(',').map((word) => word.trim()))
  const rounds = values.live === undefined ? null : Number(values.live)
  const seed = Number(values.seed ?? systemClock.wallMs() % 1_000_000)
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0)) {
    console.log(USAGE)
    return 2
  }
  if (values.help || !(minutes > 0) || !(listenerMinutes > 0) || !Number.isSafeInteger(seed) || faults.length === 0) {
    console.log(
      `${USAGE}\n\nFaults:\n${faultsNamed([''])
        .map(({ name }) => `  ${name}`)
        .join('\n')}`,
    )
    return values.help ? 0 : 2
  }
  const over = new AbortController()
  const station = new Station()
  let isOnAir = false
  // npm sends the terminal's Ctrl-C once more: only the first counts.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (!over.signal.aborted) console.log('\nEnding ...')
      over.abort(new Error(name))
      if (!isOnAir) station.launcher?.kill('SIGINT')
    })
  try {
    const forMs = rounds === null ? minutes * 60_000 : rounds * LIVE_ROUND_MS
    console.log(rounds === null ? `Starting a station; ${minutes} minutes, seed ${seed} ...` : 'Starting a station ...')
    await station.prepare({
      songsLonger: SONGS_LONGER,
      tonesForMs: Math.min(TONES_MOST_MS, forMs + START_MS),
      detached: true,
      ...(rounds === null ? {} : { live: 'live: { graceSeconds: 8, levelling: false }' }),
    })
    over.signal.throwIfAborted()
    await station.start()
    await station.plannedFromAll()
    over.signal.throwIfAborted()
    isOnAir = true
    console.log(`On air at ${station.master(station.edge)}`)
    if (rounds !== null) return printLive(await soakLive(station, rounds, over.signal))
    const cancel = systemClock.after(forMs, () => over.abort(new Error('the time is over')))
    const soaked = await soak(station, { faults, seed, listenerMs: listenerMinutes * 60_000, over: over.signal })
    cancel()
    return print(soaked)
  } catch (error) {
    console.error(`the soak ended: ${(error as Error).message}`)
    return 2
  } finally {
    const { left } = await station.stop()
    if (left.length > 0) {
      console.error(`LEFT: ${left.map(({ pid, command }) => `${pid} ${command}`).join('\n')}`)
      process.exitCode = 1
    }
    await station.dispose()
  }
}

function faultsNamed(words: readonly string[]): Fault[] {
  return [...processFaults, ...musicFaults].filter(({ name }) => words.some((word) => name.includes(word)))
}

function printLive({ rows, failures }: LiveSoaked): number {
  printTable(rows)
  console.log(
    failures.length === 0 ? '\nall is well' : `\nNOT WELL:\n${failures.map((failure) => `- ${failure}`).join('\n')}`,
  )
  return failures.length === 0 ? 0 : 1
}

/** Prints what was found; answers the exit code. */
function print({ listeners, usage, failures, faults, compared }: Soaked): number {
  console.log('\nMemory, file descriptors, processor:')
  printTable(usage.rows())
  const { reports } = listeners
  const listenedSeconds = reports.reduce((sum, { seconds }) => sum + seconds, 0)
  const longest = Math.max(...reports.map(({ seconds }) => seconds))
  for (const report of reports)
    if (report.failures.length > 0 || report.seconds === longest) console.log(`\n${report.printed}`)
  console.log(
    `\n${faults} faults, ${reports.length} listeners, ${listenedSeconds.toFixed(0)} s heard; two slicers compared ${compared.times} times: ` +
      `${compared.segments} segments, ${compared.bytes} bytes, ${compared.differences} differences`,
  )
  const all = [...failures, ...reports.flatMap((report) => report.failures), ...usage.growth()]
  console.log(all.length === 0 ? '\nall is well' : `\nNOT WELL:\n${all.map((failure) => `- ${failure}`).join('\n')}`)
  return all.length === 0 ? 0 : 1
}

process.exitCode = (await main()) || process.exitCode || 0
process.exit()
