import type { LiveSession } from '../../../schemas/live.ts'
import { Crew } from '../../end-to-end/support/crew.ts'
import { LiveSender } from '../../end-to-end/support/live-sender.ts'
import { LiveStage } from '../../end-to-end/support/live-stage.ts'
import { signal } from '../../end-to-end/support/process-tree.ts'
import { Station } from '../../end-to-end/support/station.ts'
import { until } from '../../end-to-end/support/until.ts'
import { firstSecondOf, type HandoffSystem, type OnAir, type RunningSystem, TONES } from './handoff-system.ts'
import { pause } from './waiting.ts'

const SLICERS = 2

export const ours: HandoffSystem = {
  key: 'ours',
  name: 'ours',
  missing: async () => null,
  async start(world) {
    const station = new Station()
    world.atEnd(() => station.dispose())
    await station.prepare({
      songsLonger: 4,
      localSlicers: SLICERS,
      live: 'live: { graceSeconds: 8, levelling: false }',
      detached: true,
    })
    await station.start()
    const crew = await Crew.found(station)
    const stage = new LiveStage(station, crew)
    world.atEnd(() => stage.dispose())
    const performer = { anchor: await crew.hire('Ada'), tones: TONES }
    await station.plannedFromAll()
    await until('playout to be on time', async () => (await station.status()).lateMs < 100)
    let session: LiveSession | null = null

    const running: RunningSystem = {
      playlistUrl: station.media(station.edge, 'ts.m3u8'),
      settlesMs: 4_000,
      async goLive(atMoment, { speed = 1 } = {}) {
        const url = `rtmp://127.0.0.1:${stage.rtmpPort}/live/${performer.anchor.pushKey}`
        const sender = new LiveSender({ url, frequency: TONES.usual, speed })
        world.atEnd(() => sender.dispose())
        session = await crew.sessionThat(performer.anchor, 'is ready', ({ state }) => state === 'ready')
        await atMoment()
        const clickMs = Date.now()
        firstSecondOf(sender)
        await crew.order(session.id, 'go-live', { when: 'now' })
        return { clickMs, sender }
      },
      async end({ sender }: OnAir) {
        const clickMs = Date.now()
        await crew.order(session!.id, 'end')
        sender.frequency = TONES.usual
        await stage.programmeAgain(performer)
        await sender.goodbye()
        return clickMs
      },
      async giveUp({ sender }: OnAir) {
        await sender.dispose()
        await stage.giveUp(performer)
      },
      async kill() {
        const names = ['control-center', 'playout', 'redis', 'edge', 'ingest', 'archive'] as const
        const slicers = Array.from({ length: SLICERS }, (_, index) => `slicer-${index + 1}` as const)
        for (const victim of [...names, ...slicers].map((name) => station.program(name))) signal(victim, 'SIGKILL')
        await pause(0)
      },
      async buffer() {
        const now = await crew.session(performer.anchor)
        if (!now) return null
        const { alarms } = await station.status()
        const alarm = alarms.filter((told) => told.includes(performer.anchor.name))
        return { depthMs: now.sender.depthMs, told: [...alarm, ...(now.covered ? [now.reason] : [])].join(' ') }
      },
      async ownFigures() {
        const { figures } = await crew.live()
        const { count, gapMs, overlapMs, clickToAirMs } = figures
        return `${count} changes, gap at worst ${gapMs.worst} ms, overlap ${overlapMs.p50.toFixed(0)} ms, click to air alone ${clickToAirMs.p50.toFixed(0)} ms (at worst ${clickToAirMs.worst.toFixed(0)})`
      },
      async stop() {
        await stage.dispose()
        await station.dispose()
      },
    }
    return running
  },
}
