import Type from 'typebox'
import { RelayOut, type RelayOutChange, type RelayOutCreation, type RelayOutView } from '../../schemas/api-live.ts'
import type { PushTarget, TargetStatus } from '../../schemas/playout.ts'
import type { StationFile } from '../../schemas/station.ts'
import { Refusal } from '../refusal.ts'
import { expandOccurrences } from '../schedule/occurrences.ts'
import type { KeptDocument } from './kept-document.ts'
import { foreignTargetsOf, relayOutView } from './relay-out-state.ts'

const RELAYS_OUT_MAX = 20
/** The grid is expanded for so long at once: each second it is asked who is on. */
const GRID_MS = 3_600_000

export const RelaysOut = Type.Array(RelayOut, { maxItems: 100 })

export type RelaysOutKeeper = ReturnType<typeof keepRelaysOut>

/** Other platforms that the station is pushed to: made and changed by people, carried out by playout. */
export function keepRelaysOut(options: {
  station(): StationFile
  kept: KeptDocument<RelayOut[]>
  /** Of playout's targets; null while it is not heard. */
  statuses(): readonly TargetStatus[] | null
  nowMs(): number
  newId(): string
  onChange(): void
}) {
  const { kept, station, nowMs } = options
  let grid: { of: StationFile; fromMs: number; shows: { name: string; startMs: number; endMs: number }[] } | null = null

  /** The names of the shows that are on by the grid: an anchor who has the air in a show is part of it. */
  const showsNow = (): Set<string> => {
    const atMs = nowMs()
    const file = station()
    if (grid?.of.programme !== file.programme || atMs < grid.fromMs || atMs >= grid.fromMs + GRID_MS) {
      const { shows } = expandOccurrences(file.programme, file.timeZone, atMs, atMs + GRID_MS)
      const spans = shows.map(({ show, startMs, endMs }) => ({ name: show.name, startMs, endMs }))
      grid = { of: file, fromMs: atMs, shows: spans }
    }
    return new Set(grid.shows.filter(({ startMs, endMs }) => startMs <= atMs && atMs < endMs).map(({ name }) => name))
  }
  const view = (relayOut: RelayOut): RelayOutView => relayOutView(relayOut, showsNow(), options.statuses())
  const found = (id: string): RelayOut => {
    const relayOut = kept.value().find((candidate) => candidate.id === id)
    if (!relayOut) throw new Refusal('relay-unknown', `There is no relay out ${id}.`)
    return relayOut
  }
  const checked = (relayOut: RelayOut): RelayOut => {
    const { renditions, programme } = station()
    if (!URL.canParse(relayOut.url))
      throw new Refusal('relay-conflict', `${relayOut.url} is not an address like rtmp://host/application.`)
    if (!renditions.some(({ id }) => id === relayOut.rendition))
      throw new Refusal(
        'relay-conflict',
        `There is no rendition ${relayOut.rendition}; the station has ${renditions.map(({ id }) => id).join(', ')}.`,
      )
    const missing = (relayOut.shows ?? []).find((name) => !programme.shows.some((show) => show.name === name))
    if (missing !== undefined) throw new Refusal('relay-conflict', `There is no show "${missing}" in the station file.`)
    return relayOut
  }
  const set = (all: RelayOut[]): void => {
    kept.set(all)
    options.onChange()
  }
  return {
    list: (): RelayOutView[] => kept.value().map(view),
    /** Throws a Refusal; so do `change` and `remove`. */
    make(asked: RelayOutCreation): RelayOutView {
      const all = kept.value()
      if (all.length >= RELAYS_OUT_MAX)
        throw new Refusal('relay-conflict', `There are ${all.length} already; ${RELAYS_OUT_MAX} is the limit.`)
      const rendition = asked.rendition ?? station().renditions[0]!.id
      const made = checked({ ...asked, id: options.newId(), rendition })
      set([...all, made])
      return view(made)
    },
    change(id: string, change: RelayOutChange): RelayOutView {
      const changed = checked({ ...found(id), ...change })
      set(kept.value().map((relayOut) => (relayOut.id === id ? changed : relayOut)))
      return view(changed)
    },
    remove(id: string): RelayOutView {
      const gone = found(id)
      set(kept.value().filter((relayOut) => relayOut.id !== id))
      return view(gone)
    },
    targets: (): PushTarget[] => foreignTargetsOf(kept.value(), showsNow()),
  }
}
