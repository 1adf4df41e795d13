import type { MusicLibrary } from '../../../control-center/planner/music-library.ts'
import { SAMPLE_RATE } from '../../../media/timeline.ts'
import type { Playable } from '../../../schemas/rundown.ts'

export const songOf = (name: string, seconds = 240): Playable => ({
  path: `/music/${name}.flac`,
  fingerprint: '1',
  kind: 'music',
  title: `Song ${name}`,
  artist: `Artist of ${name}`,
  cueInSample: 0,
  lengthSamples: seconds * SAMPLE_RATE,
  gainDb: 0,
})

/** A library of songs that were never files: what the planner sees, without decoding anything. */
export function fakeLibrary(names = ['A', 'B', 'C', 'D', 'E', 'F', 'G']) {
  const state = { songs: names.map((name) => songOf(name)), version: 'library 1' as string | null }
  const library: MusicLibrary = {
    resolve: () => ({ playables: state.songs, unplayable: [] }),
    version: () => state.version,
    entries: () =>
      state.songs.map(({ path, title, artist, gainDb }) => ({
        file: path.replace('/music/', ''),
        title,
        artist,
        durationSeconds: 240,
        loudnessLufs: -16,
        gainDb,
      })),
    problems: () => [{ file: 'broken.mp3', reason: 'It cannot be decoded.' }],
    note: () => null,
    stationChanged: () => undefined,
    stop: () => Promise.resolve(),
  }
  return { library, state }
}
