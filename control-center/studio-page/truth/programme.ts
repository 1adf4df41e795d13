import { msOfSample } from '../../../media/timeline.ts'
import type { PlannedItem, RundownAnswer, StatusAnswer } from '../../../schemas/api.ts'
import { ask } from '../account/api.ts'

export type OnAirItem = { title: string; artist: string; kind: string; startMs: number; endMs: number }
export type Programme = {
  onAir: OnAirItem | null
  /** What playout holds ready for when a live voice ends. */
  next: string | null
  upcoming: PlannedItem[]
  timeZone: string | null
  name: string
}

const STATUS_EVERY_MS = 2_000
const UPCOMING_MAX = 8
const NOTHING: Programme = { onAir: null, next: null, upcoming: [], timeZone: null, name: 'Studio' }

/** Follows what plays and what is planned next. The rundown is long, and asked for only when it has become another one, or runs out. */
export function watchProgramme(onProgramme: (programme: Programme) => void): () => void {
  let items: PlannedItem[] = []
  let version: number | null = null
  let isEnded = false
  let next: ReturnType<typeof setTimeout> | undefined

  const look = async (): Promise<void> => {
    try {
      const status = await ask<StatusAnswer>('GET', '/api/status')
      if (status.rundown.version !== version && status.rundown.version !== null) {
        const rundown = await ask<RundownAnswer>('GET', '/api/rundown')
        version = rundown.version
        items = rundown.items
      }
      if (!isEnded) onProgramme(programmeOf(status, items))
    } catch {
      // The last one stands; its instants say how old it is.
    }
    if (!isEnded) next = setTimeout(() => void look(), STATUS_EVERY_MS)
  }
  void look()
  return () => {
    isEnded = true
    clearTimeout(next)
  }
}

function programmeOf({ station, nowMs, playout }: StatusAnswer, items: readonly PlannedItem[]): Programme {
  const { onAir } = playout
  const placed = onAir && {
    title: onAir.title,
    artist: onAir.artist,
    kind: onAir.kind,
    startMs: msOfSample(onAir.startSample),
    endMs: msOfSample(onAir.endSample),
  }
  const fromMs = placed && placed.kind !== 'live' ? placed.endMs - 1_000 : nowMs
  return {
    ...NOTHING,
    name: station.name,
    timeZone: station.timeZone,
    onAir: placed,
    next: playout.next?.title ?? null,
    upcoming: items
      .filter(({ id, startMs, endMs }) => id !== onAir?.itemId && endMs > nowMs && startMs >= fromMs - 10_000)
      .slice(0, UPCOMING_MAX),
  }
}

export const noProgramme = NOTHING
