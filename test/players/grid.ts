import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { judgeCapture } from './judge.ts'
import type { PathName, StationPaths } from './paths.ts'
import type { Player } from './player.ts'
import type { Reference } from './reference.ts'

export type Cell = {
  player: string
  path: PathName
  result: 'ok' | 'wrong' | 'cannot' | 'missing'
  sentence: string
}

export type GridOptions = {
  players: readonly Player[]
  paths: StationPaths
  wanted: readonly PathName[]
  reference: Reference
  seconds: number
  folder: string
  atOnce: number
  signal: AbortSignal
  onCell(cell: Cell): void
}

/** Tries every player on every path, a few at once. A cell that fails does not stop the others. Rejects only when aborted. */
export async function tryPlayers(options: GridOptions): Promise<Cell[]> {
  const waiting = options.players.flatMap((player) => options.wanted.map((path) => ({ player, path })))
  const cells: Cell[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const cell = await tryOne(next.player, next.path, options)
      options.signal.throwIfAborted()
      cells.push(cell)
      options.onCell(cell)
    }
  }
  await Promise.all(Array.from({ length: options.atOnce }, work))
  return cells
}

async function tryOne(player: Player, path: PathName, options: GridOptions): Promise<Cell> {
  const cell = (result: Cell['result'], sentence: string): Cell => ({ player: player.name, path, result, sentence })
  try {
    const cannot = player.cannot(path)
    if (cannot) return cell('cannot', cannot)
    const missing = await player.missing()
    if (missing) return cell('missing', missing)
    const folder = join(options.folder, `${player.name} ${path}`.replaceAll(/[^a-z0-9]+/gi, '-'))
    await mkdir(folder, { recursive: true })
    // VLC writes into it as nobody.
    await chmod(folder, 0o777)
    const beganMs = systemClock.monotonicMs()
    const { seconds, signal } = options
    const heard = await player.capture(options.paths[path], { seconds, secondsMost: seconds + 25, folder, signal })
    const reference = await options.reference.soundSince(beganMs)
    const { ok, sentence } = judgeCapture(heard, reference, seconds)
    return cell(ok ? 'ok' : 'wrong', sentence)
  } catch (error) {
    return cell('wrong', (error as Error).message)
  }
}
