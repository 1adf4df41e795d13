import { msOfSample } from '../../media/timeline.ts'
import type { StatusAnswer } from '../../schemas/api.ts'
import type { Rung } from '../../schemas/rundown.ts'
import { localTime } from '../local-time.ts'
import type { World } from './world.ts'

const RUNDOWN_SHORT_HOURS = 20

/** Gathers what an operator wants on one screen. Says of each part that can't be seen that it can't. */
export function statusOf(world: World): StatusAnswer {
  const station = world.station()
  const nowMs = world.nowMs()
  const last = world.link.last()
  const playoutProblem = world.link.problem()
  const plan = world.plan()
  const nodes = world.registry.views()
  const hoursAhead = plan ? (msOfSample(plan.rundown.untilSample) - nowMs) / 3_600_000 : null
  const redisProblem = world.redis.problem()

  const alarms = [
    ...(playoutProblem ? [playoutProblem] : (last?.status.alarms ?? []).map((alarm) => `Playout: ${alarm}`)),
    ...(!playoutProblem && last?.status.clock.alarm ? [`Playout's clock: ${last.status.clock.alarm}`] : []),
    ...(!playoutProblem && last ? rungAlarms(last.status.rung) : []),
    ...world.registry.alarms(),
    ...world.alarms(),
    ...world.link.alarms(),
    ...(redisProblem ? [redisProblem] : []),
    ...(hoursAhead !== null && hoursAhead < RUNDOWN_SHORT_HOURS
      ? [`The rundown reaches only ${hoursAhead.toFixed(1)} h ahead.`]
      : []),
  ]
  return {
    station: { id: station.id, name: station.name, timeZone: station.timeZone },
    nowMs,
    localTime: localTime(nowMs, station.timeZone),
    alarms: [...new Set(alarms)],
    playout: {
      problem: playoutProblem,
      ageMs: last?.ageMs ?? null,
      generation: last?.status.generation ?? null,
      rung: last?.status.rung ?? null,
      lateMs: last?.status.lateMs ?? null,
      onAir: last?.status.onAir ?? null,
      next: last?.status.next ?? null,
      targets: last?.status.targets ?? [],
      framesLost: last?.status.counters.framesLost ?? null,
      encoderRestarts: last?.status.counters.encoderRestarts ?? null,
    },
    redis: { problem: redisProblem, unwrittenRecords: world.registry.unwritten() },
    rundown: {
      version: plan?.rundown.version ?? null,
      versionAtPlayout: playoutProblem ? null : (last?.status.rundownVersion ?? null),
      untilMs: plan ? msOfSample(plan.rundown.untilSample) : null,
      hoursAhead,
      reason: plan?.reason ?? 'nothing is planned yet',
      warnings: [...world.warnings(), ...(plan?.warnings ?? [])],
    },
    library: {
      playable: world.library.entries().length,
      problems: world.library.problems().length,
      note: world.library.note(),
    },
    nodes: {
      registered: nodes.filter(({ state }) => state !== 'left').length,
      serving: world.registry.serving().length,
      listeners: nodes.reduce((sum, { heartbeat }) => sum + (heartbeat?.listeners ?? 0), 0),
    },
  }
}

/** The lowest rungs sound well enough, and are still no programme: somebody has to look. */
function rungAlarms(rung: Rung): string[] {
  if (rung === 'emergency')
    return ['The emergency file is on air: nothing that is planned, nor the rotation, can be played.']
  return rung === 'bed' ? ['The generated bed is on air: not even the emergency file can be played.'] : []
}
