import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { programs } from '../../../platform/processes.ts'

/** Each item has a frequency of its own, so that what is heard can be told from the sound alone. */
export type ToneFile = { frequency: number; seconds: number; file: string }

export const EMERGENCY: ToneFile = { frequency: 3600, seconds: 20, file: 'emergency.wav' }
/** The rotation outside the hour of tones: long, so that a plan of a day has few items. */
const LONG: ToneFile = { frequency: 240, seconds: 300, file: 'long/long.wav' }
export const IDENT: ToneFile = { frequency: 3000, seconds: 5, file: 'idents/ident.wav' }

/** Eight songs of 8 to 12 s in six formats, sample rates from 22.05 to 96 kHz, one and two channels. */
const SONGS: readonly (ToneFile & { how: string[] })[] = [
  { frequency: 440, seconds: 10, file: 'songs/1-a.wav', how: ['-ac', '2'] },
  { frequency: 700, seconds: 9, file: 'songs/2-b.flac', how: ['-ar', '96000', '-ac', '2'] },
  { frequency: 960, seconds: 11, file: 'songs/3-c.mp3', how: ['-ar', '44100', '-ac', '2', '-b:a', '192k'] },
  { frequency: 1220, seconds: 8, file: 'songs/4-d.wav', how: ['-ar', '44100', '-ac', '1'] },
  { frequency: 1480, seconds: 12, file: 'songs/5-e.m4a', how: ['-ac', '2', '-c:a', 'aac', '-b:a', '192k'] },
  { frequency: 1740, seconds: 9.5, file: 'songs/6-f.ogg', how: ['-ac', '2', '-c:a', 'libvorbis', '-q:a', '6'] },
  { frequency: 2000, seconds: 8.5, file: 'songs/7-g.opus', how: ['-ac', '2', '-c:a', 'libopus', '-b:a', '160k'] },
  { frequency: 2260, seconds: 10.5, file: 'songs/8-h.wav', how: ['-ar', '22050', '-ac', '2'] },
]

const titleOf = (file: string): string => file.replace(/^.*\//, '').replace(/\..*$/, '')

export const SONG_FILES = SONGS.map(({ file }) => file)
export const SONG_TITLES = SONGS.map(({ file }) => titleOf(file))
export const TONE_FILES = SONGS.length + 3
export const FREQUENCIES = [...SONGS, IDENT, EMERGENCY, LONG].map(({ frequency }) => frequency)

/** Makes the folder's files; songs may be made longer. */
export function makeToneMusic(folder: string, songsLonger = 1): void {
  for (const name of ['songs', 'idents', 'long']) mkdirSync(join(folder, name), { recursive: true })
  const songs = SONGS.map((song) => ({ ...song, seconds: song.seconds * songsLonger }))
  const all = [...songs, ...[IDENT, EMERGENCY, LONG].map((item) => ({ ...item, how: ['-ac', '2'] }))]
  const inputs = all.flatMap(({ frequency, seconds }) => [
    ...['-f', 'lavfi', '-i', `aevalsrc=0.2*sin(2*PI*${frequency}*t):s=48000:d=${seconds}`],
  ])
  const outputs = all.flatMap(({ file, how }, index) => [
    ...[
      '-map',
      `${index}:a`,
      ...how,
      '-metadata',
      `title=${titleOf(file)}`,
      '-metadata',
      'artist=Tone',
      join(folder, file),
    ],
  ])
  const made = spawnSync(programs.ffmpeg, ['-y', '-v', 'error', ...inputs, ...outputs])
  if (made.status !== 0) throw new Error(`ffmpeg could not make the music: ${made.stderr}`)
}

/** The frequency that a file of the music folder sounds at. Throws on a file that is not of ours. */
export function frequencyOf(path: string): number {
  const found = [...SONGS, IDENT, EMERGENCY, LONG].find(({ file }) => path.endsWith(file))
  if (!found) throw new Error(`${path} is not one of the tone files`)
  return found.frequency
}
