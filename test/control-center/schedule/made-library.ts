import type { LibraryView, ResolvedSource } from '../../../control-center/schedule/library-view.ts'
import { SAMPLE_RATE } from '../../../media/timeline.ts'
import { parse } from '../../../schemas/check.ts'
import type { Playable } from '../../../schemas/rundown.ts'
import { type SourceReference, StationFile } from '../../../schemas/station.ts'

export const seconds = (count: number): number => Math.round(count * SAMPLE_RATE)

export function madePlayable(path: string, lengthSeconds: number, artist = ''): Playable {
  return {
    path,
    fingerprint: '1-1',
    kind: 'music',
    title: path.slice(path.lastIndexOf('/') + 1),
    artist,
    cueInSample: 0,
    lengthSamples: seconds(lengthSeconds),
    gainDb: 0,
  }
}

/** Songs of two to six minutes, the same at each call. */
export function madeSongs(folder: string, count: number, artists: number): Playable[] {
  return Array.from({ length: count }, (_, index) => {
    const lengthSeconds = 120 + ((index * 7919) % 240) + ((index * 31) % 97) / 97
    const name = `${String(index).padStart(5, '0')}.mp3`
    return madePlayable(`${folder}/${name}`, lengthSeconds, `Artist ${(index * 13) % artists}`)
  })
}

/** A library that holds what it is given, by folder, playlist or file name. */
export function madeLibrary(
  sources: Record<string, readonly Playable[]>,
  unplayable: ResolvedSource['unplayable'] = [],
): LibraryView {
  return {
    resolve(source: SourceReference | null) {
      if (!source) return { playables: Object.values(sources).flat(), unplayable }
      const playables = sources[(source.folder ?? source.playlist ?? source.file)!]
      return playables
        ? { playables, unplayable: [] }
        : { playables: [], unplayable: [], problem: 'there is no such thing' }
    },
  }
}

/** A station file as a person would write it, with the schema's defaults. */
export const madeStation = (timeZone: string, programme: object, more: object = {}): StationFile =>
  parse(StationFile, { id: 'test-radio', name: 'Test Radio', timeZone, programme, ...more })
