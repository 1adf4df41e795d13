import { cpus } from 'node:os'
import type { Bench } from './bench.ts'
import { type BenchPlayout, startPlayout } from './parts/station-playout.ts'
import { printTable } from './parts/table.ts'
import { pause } from './parts/waiting.ts'

/** What playout keeps: 1,024 blocks are 21.8 s. */
const WINDOW_MS = 23_000
const BUSY = `const end = Date.now() + ${WINDOW_MS + 5_000}; while (Date.now() < end);`

export const pacing: Bench = {
  name: 'pacing',
  about: 'how late the engine mixes a block, with the machine left alone and with every core busy',
  async run(world) {
    const playout = await startPlayout(world, [
      { id: 'high', bitrateKbps: 128 },
      { id: 'low', bitrateKbps: 48 },
    ])
    await pause(WINDOW_MS)
    const alone = await jitter(playout, 'left alone (but for what else runs here)')
    for (const _ of cpus()) world.start(process.execPath, ['-e', BUSY])
    await pause(WINDOW_MS)
    printTable([alone, await jitter(playout, `${cpus().length} busy loops beside`)])
  },
}

async function jitter(playout: BenchPlayout, what: string) {
  const ms = async (name: string): Promise<string> =>
    (await playout.metric(`airtight_playout_pacing_${name}_ms`)).toFixed(2)
  return {
    'lateness of 1,024 blocks': what,
    'p50 ms': await ms('p50'),
    'p99 ms': await ms('p99'),
    'max ms': await ms('max'),
    'late now ms': (await playout.metric('airtight_playout_late_ms')).toFixed(1),
  }
}
