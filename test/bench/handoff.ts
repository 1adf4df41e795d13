import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { programs } from '../../platform/processes.ts'
import { makeToneMusic, SONG_FILES } from '../end-to-end/support/tone-music.ts'
import type { Bench } from './bench.ts'
import { killCase, slowCase, stallCase } from './parts/handoff-cases.ts'
import { liquidsoap } from './parts/handoff-liquidsoap.ts'
import { nginxRtmp } from './parts/handoff-nginx.ts'
import { ours } from './parts/handoff-ours.ts'
import { playChanges } from './parts/handoff-play.ts'
import { rowOf, whereBeaten } from './parts/handoff-row.ts'
import type { HandoffSystem, Material } from './parts/handoff-system.ts'
import { printTable, type Row } from './parts/table.ts'
import { World } from './parts/world.ts'

const SYSTEMS: readonly HandoffSystem[] = [ours, liquidsoap, nginxRtmp]

export const handoff: Bench = {
  name: 'handoff',
  about:
    'an anchor takes the air and gives it back: what listeners of the published HLS meet, beside Liquidsoap and nginx-rtmp',
  async run(world) {
    const chosen = SYSTEMS.filter(({ key }) => world.only === null || world.only === key)
    if (chosen.length === 0) throw new Error(`--only takes ${SYSTEMS.map(({ key }) => key).join(', ')}`)
    const material = materialOf(world.folder)
    const rows: Row[] = []
    const cases: Row[] = []
    for (const system of chosen) {
      console.log(`   … ${system.name}`)
      const missing = await system.missing(world)
      if (missing !== null) {
        rows.push({ system: `${system.name}: ${missing}` })
        cases.push({ system: `${system.name}: ${missing}` })
        continue
      }
      const stage = new World()
      world.atEnd(() => stage.end())
      try {
        const running = await system.start(stage, material, 'changes')
        rows.push(rowOf(system.name, await playChanges(running)))
        const own = await running.ownFigures()
        if (own !== '') console.log(`   ${system.name}, by its own account: ${own}`)
        cases.push(await slowCase(system, running))
        const stalling = system.key === 'liquidsoap' ? await system.start(stage, material, 'stall') : running
        cases.push(await stallCase(system, stalling))
        if (stalling !== running) await stalling.stop()
        cases.push(await killCase(system, running))
        await running.stop()
      } finally {
        await stage.end()
      }
    }
    console.log('   Milliseconds; gaps, dips and losses at their worst, the others at their mean:')
    printTable(rows)
    if (rows.length > 1) console.log(`   Another is better in: ${whereBeaten(rows).join('; ') || 'nothing'}`)
    console.log('\n   Cases:')
    printTable(cases)
  },
}

/** What the others play: the songs of our own station of tones, in a folder and in one file. */
function materialOf(folder: string): Material {
  const music = join(folder, 'music')
  makeToneMusic(music, 4)
  const songs = join(music, 'songs')
  const inOne = join(music, 'in-one.m4a')
  const inputs = SONG_FILES.flatMap((file) => ['-i', join(music, file)])
  const filter = `${SONG_FILES.map((_, index) => `[${index}:a]aresample=48000,aformat=channel_layouts=stereo[s${index}];`).join('')}${SONG_FILES.map((_, index) => `[s${index}]`).join('')}concat=n=${SONG_FILES.length}:v=0:a=1`
  const args = ['-y', '-v', 'error', ...inputs, '-filter_complex', filter, '-c:a', 'aac', '-b:a', '128k', inOne]
  const made = spawnSync(programs.ffmpeg, args)
  if (made.status !== 0) throw new Error(`ffmpeg could not join the songs: ${made.stderr}`)
  return { folder: songs, inOne }
}
