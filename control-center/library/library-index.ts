import { createHash } from 'node:crypto'
import { isAbsolute, join, posix, relative } from 'node:path'
import type { Playable } from '../../schemas/rundown.ts'
import type { SourceReference } from '../../schemas/station.ts'
import type { LibraryView, ResolvedSource } from '../schedule/library-view.ts'
import type { KnownFile } from './analysis-store.ts'
import { type PlaylistEntry, resolvePlaylist } from './playlists.ts'

/** A file of the music folder as the library knows it at one moment. */
export type FileState =
  | { state: 'playable'; known: Extract<KnownFile, { playable: true }> }
  | { state: 'set aside'; reason: string }
  | { state: 'waiting'; reason: string }

export type LibraryContents = {
  musicFolder: string
  /** Relative to the music folder: planned only when it is asked for by its name. */
  emergencyFile: string | null
  targetLufs: number
  files: ReadonlyMap<string, FileState>
  playlists: ReadonlyMap<string, readonly PlaylistEntry[] | { reason: string }>
  folders: ReadonlySet<string>
}

/** A quiet file is raised by this much at most: beyond it one hears its noise. */
const GAIN_DB_MAX = 12
const byNumbersInNames = new Intl.Collator('en', { numeric: true })

/** The library as the planner sees it: a pure answer from what was found out. `10 - Ten` comes after `2 - Two`. */
export class LibraryIndex implements LibraryView {
  readonly version: string
  private readonly playables = new Map<string, Playable>()

  constructor(private readonly contents: LibraryContents) {
    const names = [...contents.files.keys()].sort(
      (one, other) => byNumbersInNames.compare(one, other) || (one < other ? -1 : 1),
    )
    for (const name of names) {
      const file = contents.files.get(name)!
      if (file.state === 'playable') this.playables.set(name, this.playable(file.known))
    }
    const seen = JSON.stringify([[...this.playables.values()], [...contents.playlists], contents.emergencyFile])
    this.version = createHash('sha256').update(seen).digest('hex').slice(0, 16)
  }

  resolve(source: SourceReference | null): ResolvedSource {
    const place = this.placeOf(source?.folder ?? source?.playlist ?? source?.file ?? '')
    if (place === null) return nothing('It lies outside the music folder.')
    if (source?.playlist !== undefined) return this.resolvePlaylist(place)
    return source?.file !== undefined ? this.resolveFile(place) : this.resolveFolder(place, source === null)
  }

  private resolveFolder(folder: string, isWhole: boolean): ResolvedSource {
    if (!this.contents.folders.has(folder)) return nothing('There is no such folder in the music folder.')
    const prefix = folder ? `${folder}/` : ''
    const { emergencyFile } = this.contents
    const apart = isWhole && emergencyFile !== null ? this.placeOf(emergencyFile) : null
    const isIn = (name: string): boolean => name.startsWith(prefix) && name !== apart
    return {
      playables: [...this.playables].filter(([name]) => isIn(name)).map(([, playable]) => playable),
      unplayable: [...this.contents.files.keys()].filter(isIn).flatMap((name) => this.unplayable(name)),
    }
  }

  private resolvePlaylist(name: string): ResolvedSource {
    const entries = this.contents.playlists.get(name)
    if (!entries) return nothing('There is no such playlist in the music folder.')
    if ('reason' in entries) return nothing(entries.reason)
    const { files, musicFolder } = this.contents
    const resolved = resolvePlaylist(entries, { file: name, musicFolder }, (file) => files.has(file))
    return {
      playables: resolved.files.flatMap((file) => this.playables.get(file) ?? []),
      unplayable: [
        ...resolved.problems.map((problem) => ({ path: name, reason: `In this playlist, ${problem}.` })),
        ...[...new Set(resolved.files)].flatMap((file) => this.unplayable(file)),
      ],
    }
  }

  private resolveFile(name: string): ResolvedSource {
    const playable = this.playables.get(name)
    if (playable) return { playables: [playable], unplayable: [] }
    if (this.contents.files.has(name)) return { playables: [], unplayable: this.unplayable(name) }
    return nothing('There is no such audio file in the music folder.')
  }

  private unplayable(name: string): { path: string; reason: string }[] {
    const file = this.contents.files.get(name)
    return !file || file.state === 'playable' ? [] : [{ path: name, reason: file.reason }]
  }

  /** Relative to the music folder, without dots and slashes at its ends; null when it leads outside. */
  private placeOf(written: string): string | null {
    const asPath = isAbsolute(written) ? relative(this.contents.musicFolder, written) : written
    const place = posix.normalize(asPath || '.').replace(/\/$/, '')
    if (place === '.') return ''
    return place === '..' || place.startsWith('../') ? null : place
  }

  private playable(known: Extract<KnownFile, { playable: true }>): Playable {
    const { file, fingerprint, title, artist, album, cueInSample, lengthSamples, loudnessLufs } = known
    return {
      path: join(this.contents.musicFolder, file),
      ...{ fingerprint, kind: 'music', title, artist, ...(album !== undefined && { album }) },
      ...{ cueInSample, lengthSamples, gainDb: gainFor(loudnessLufs, this.contents.targetLufs) },
    }
  }
}

/** To the target loudness, in dB. */
export function gainFor(loudnessLufs: number, targetLufs: number): number {
  return Math.round(Math.min(GAIN_DB_MAX, targetLufs - loudnessLufs) * 10) / 10
}

const nothing = (problem: string): ResolvedSource => ({ playables: [], unplayable: [], problem })
