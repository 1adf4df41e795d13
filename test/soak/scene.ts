import { join } from 'node:path'
import { sleep, systemClock } from '../../platform/clock.ts'
import type { LibraryAnswer } from '../../schemas/api.ts'
import { type SeenProcess, signal } from '../end-to-end/support/process-tree.ts'
import type { Station } from '../end-to-end/support/station.ts'
import { TONE_FILES } from '../end-to-end/support/tone-music.ts'
import { until } from '../end-to-end/support/until.ts'
import type { SeededRandom } from '../media/rtmp/seeded-random.ts'

const SLICERS = [1, 2] as const
/** A segment's length twice, the half second after which it is listed, the second that the edge keeps a playlist, and a little. */
const NEWEST_AGE_MOST_MS = 10_500

/** A running station, and what faults need to harm it and to put right what they did. */
export class Scene {
  readonly station: Station
  readonly random: SeededRandom
  readonly over: AbortSignal
  /** A copy of the music folder as it was. */
  readonly originals: string
  private readonly held = new Set<SeenProcess>()

  constructor(station: Station, random: SeededRandom, over: AbortSignal) {
    this.station = station
    this.random = random
    this.over = over
    this.originals = join(station.folder, 'originals')
  }

  /** Milliseconds between two bounds, by the seed. */
  between(leastMs: number, mostMs: number): number {
    return leastMs + this.random.below(mostMs - leastMs + 1)
  }

  /** Waits; rejects as soon as the whole thing is over. */
  wait(ms: number): Promise<void> {
    return sleep(systemClock, ms, this.over)
  }

  /** As {@link until}, but ends at once when the whole thing is over. */
  async until<T>(what: string, ask: () => T | Promise<T>, withinMs = 45_000): Promise<NonNullable<T>> {
    const answer = await until(what, () => this.over.aborted || ask(), { withinMs })
    this.over.throwIfAborted()
    return answer as NonNullable<T>
  }

  /** Stops a process for a while, or until it is gone. */
  async hold(process: SeenProcess, ms: number): Promise<void> {
    this.held.add(process)
    signal(process, 'SIGSTOP')
    try {
      await this.wait(ms)
    } finally {
      signal(process, 'SIGCONT')
      this.held.delete(process)
    }
  }

  /** Whatever still stands still goes on. */
  releaseAll(): void {
    for (const process of this.held) signal(process, 'SIGCONT')
  }

  /** Playout is on time, both slicers serve, and what is listed is what has just been said. */
  async isWhole(): Promise<boolean> {
    const { station } = this
    const [nodes, status] = await Promise.all([station.nodes(), station.status()])
    if (status.lateMs >= 100 || SLICERS.some((number) => !nodes.serving.includes(`slicer-${number}`))) return false
    const origins = [station.edge, ...SLICERS.map((number) => station.slicer(number))]
    const ages = await Promise.all(origins.map((origin) => newestAgeMs(station.media(origin))))
    return ages.every((ageMs) => ageMs < NEWEST_AGE_MOST_MS)
  }

  /** Every file of the music folder is known, and none is complained of. */
  async isLibraryWhole(): Promise<boolean> {
    const answer = await fetch(`${this.station.control}/api/library`, { signal: AbortSignal.timeout(5_000) })
    const { entries, problems } = (await answer.json()) as LibraryAnswer
    return entries.length === TONE_FILES && problems.length === 0
  }
}

/** How long ago the newest segment that a playlist lists began. */
async function newestAgeMs(url: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
  const [, date] = [...text.matchAll(/DATE-TIME:(\S+)/g)].at(-1) ?? []
  return systemClock.wallMs() - Date.parse(date ?? '')
}
