import type { Playable } from '../../schemas/rundown.ts'
import type { SourceReference } from '../../schemas/station.ts'

/** What a source of the station file holds right now. */
export type ResolvedSource = {
  /** A folder: all below it, sorted by path. A playlist: in its own order, repeated entries repeated. A file: that one. */
  playables: readonly Playable[]
  /** Files that the source names but that cannot be played (or not yet), each with its reason in a sentence. */
  unplayable: readonly { path: string; reason: string }[]
  /** Why there is nothing at all (`no such folder`), when the source itself could not be found. */
  problem?: string | undefined
}

/** The analysed library, as the planner sees it. No I/O: it answers from what has been found out before.
 * The lists are never changed once handed out; the same list for the same content makes a plan faster. */
export interface LibraryView {
  /** Null stands for the whole music folder (but what is set apart for emergencies). */
  resolve(source: SourceReference | null): ResolvedSource
}
