import { type SeenProcess, signal } from '../end-to-end/support/process-tree.ts'
import type { Station } from '../end-to-end/support/station.ts'
import { type Fault, fault } from './fault.ts'
import type { Scene } from './scene.ts'

const STOP_LEAST_MS = 1_000
const STOP_MOST_MS = 6_000
/** A listener of the endless stream holds four seconds: playout, which has no double, may not stand still for longer. */
const PLAYOUT_STOP_MOST_MS = 2_500
/** The same listener's own worker. */
const WORKER_STOP_MOST_MS = 2_500

/** A decoder may have come to its end, and a worker be one that a reload has retired: nothing takes their place. */
type Killing = Partial<Fault> & { hasSuccessor?: boolean }
type Find = (scene: Scene) => SeenProcess | undefined

const program =
  (name: Parameters<Station['program']>[0]): Find =>
  ({ station }) =>
    station.program(name)
const anySlicer: Find = ({ station, random }) => station.program(`slicer-${1 + random.below(2)}`)
const anyDecoder: Find = ({ station, random }) => {
  const decoders = station.decoders()
  return decoders[random.below(Math.max(1, decoders.length))]
}
const anyWorker: Find = ({ station, random }) => {
  const workers = station.processes().filter(({ command }) => command.startsWith('nginx: worker process'))
  return workers[random.below(Math.max(1, workers.length))]
}

/** Each of the station's processes, killed and stopped. */
export const processFaults: readonly Fault[] = [
  kill('the encoder', ({ station }) => station.encoder()),
  stop('the encoder', ({ station }) => station.encoder()),
  kill('a decoder', anyDecoder, { hasSuccessor: false }),
  stop('a decoder', anyDecoder),
  kill('a slicer', anySlicer),
  stop('a slicer', anySlicer),
  kill('the control center', program('control-center')),
  stop('the control center', program('control-center')),
  kill('Redis', program('redis')),
  stop('Redis', program('redis')),
  kill('a worker of nginx', anyWorker, { hasSuccessor: false, cutsConnections: true }),
  stop('a worker of nginx', anyWorker, {}, WORKER_STOP_MOST_MS),
  kill('playout', program('playout'), { killsPlayout: true }),
  stop('playout', program('playout'), {}, PLAYOUT_STOP_MOST_MS),
]

function kill(what: string, find: Find, { hasSuccessor = true, ...special }: Killing = {}): Fault {
  const run: Fault['run'] = async (scene) => {
    const process = await scene.until(`${what} to run`, () => find(scene))
    const others = new Set(scene.station.processes().map(keyOf))
    signal(process, 'SIGKILL')
    const isGone = (): boolean => !scene.station.processes().some((other) => keyOf(other) === keyOf(process))
    await scene.until(`${what} to be gone`, isGone)
    const isBack = (): boolean =>
      scene.station.processes().some((other) => other.command === process.command && !others.has(keyOf(other)))
    if (hasSuccessor) await scene.until(`${what} to be started again`, isBack)
    return nameOf(process)
  }
  return fault(`SIGKILL of ${what}`, run, special)
}

function stop(what: string, find: Find, special: Partial<Fault> = {}, mostMs = STOP_MOST_MS): Fault {
  const run: Fault['run'] = async (scene) => {
    const process = await scene.until(`${what} to run`, () => find(scene))
    const ms = scene.between(STOP_LEAST_MS, mostMs)
    await scene.hold(process, ms)
    return `${nameOf(process)}for ${(ms / 1000).toFixed(1)} s`
  }
  return fault(`SIGSTOP of ${what}`, run, special)
}

const keyOf = ({ pid, startTicks }: SeenProcess): string => `${pid} ${startTicks}`

/** Which of the slicers it was. */
const nameOf = ({ command }: SeenProcess): string => {
  const id = /--id (slicer-\d+)/.exec(command)?.[1]
  return id ? `${id} ` : ''
}
