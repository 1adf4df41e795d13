import { joinSamples } from '../../media/rundown-joins.ts'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Playable } from '../../schemas/rundown.ts'

/** The stretch that a choice is for: what sounds before it, and what it runs up to. */
export type Room = {
  before: { kind: Playable['kind']; lengthSamples: number } | null
  soundsUntil: number
  endSample: number
  /** How much later than the end a song may run without being cut. */
  graceSamples: number
  crossfadeSamples: number
}

export type Separation = {
  recent: readonly { path: string; artist: string }[]
  /** No file again within this many songs, and no artist within that many. */
  songs: number
  artists: number
}

const seconds = (count: number): number => count * SAMPLE_RATE
/** With more room than this after the next song, nothing but the order counts. */
const FAR_SAMPLES = seconds(480)
/** Losing no more than this is not worth looking further. */
const GOOD_ENOUGH_SAMPLES = seconds(3)
const SHORT_REST_SAMPLES = seconds(20)
const EASY_REST_SAMPLES = seconds(150)

/** How far apart files and artists are kept: half of what there is, up to 100 songs and 4 artists. */
export const separationOf = (recent: Separation['recent'], filesCount: number, artistsCount: number): Separation => ({
  recent,
  songs: Math.min(100, Math.floor(filesCount / 2)),
  artists: Math.min(4, Math.floor(artistsCount / 2)),
})

/**
 * The first of the candidates that keeps its distance from itself and its artist, when after it there is room for much more. Null
 * when none does or the end is near: then {@link chooseNearEnd} has to weigh them.
 */
export function chooseFarFromEnd(candidates: readonly Playable[], separation: Separation, room: Room): Playable | null {
  const free = candidates.find((candidate) => isFree(candidate, separation))
  return free && room.endSample - endAfter(free, room.before, room.soundsUntil, room) >= FAR_SAMPLES ? free : null
}

/**
 * Of the candidates, which come in the order of the shuffle: the first one that keeps its distance, or near the end of the room the
 * one that, alone or with one more after it, comes out nearest to the end.
 */
export function chooseNearEnd(candidates: readonly Playable[], separation: Separation, room: Room): Playable {
  const penalties = penaltiesOf(candidates, separation)
  let best = candidates[indexOfLeast(penalties)]!
  if (room.endSample - endAfter(best, room.before, room.soundsUntil, room) >= FAR_SAMPLES) return best
  let bestCost = Number.POSITIVE_INFINITY
  for (let index = 0; index < candidates.length && bestCost > GOOD_ENOUGH_SAMPLES; index++) {
    const one = candidates[index]!
    const cost = penalties[index]! + seconds(index / 20)
    if (cost >= bestCost) continue
    const end = endAfter(one, room.before, room.soundsUntil, room)
    const alone = cost + costOfEnd(end, one, room)
    if (alone < bestCost) {
      best = one
      bestCost = alone
    }
    if (end >= room.endSample) continue
    for (let second = 0; second < candidates.length; second++) {
      const costSoFar = cost + penalties[second]! + seconds(1)
      if (second === index || costSoFar >= bestCost) continue
      const other = candidates[second]!
      const apart = one.artist !== '' && one.artist === other.artist ? seconds(1000) : 0
      const pair = costSoFar + apart + costOfEnd(endAfter(other, one, end, room), other, room)
      if (pair < bestCost) {
        best = one
        bestCost = pair
      }
    }
  }
  return best
}

/** Whether a song keeps its distance. */
export function isFree({ path, artist }: Playable, { recent, songs, artists }: Separation): boolean {
  for (let age = 0; age < songs && age < recent.length; age++) {
    const other = recent[recent.length - 1 - age]!
    if (other.path === path || (age < artists && artist !== '' && other.artist === artist)) return false
  }
  return true
}

const endAfter = (next: Playable, before: Room['before'], soundsUntil: number, room: Room): number =>
  soundsUntil - (before ? joinSamples(before, next, room.crossfadeSamples) : 0) + next.lengthSamples

/** What is lost when a stretch ends there, in samples: cut off, or to be filled. */
function costOfEnd(end: number, last: Playable, room: Room): number {
  const over = end - room.endSample
  if (over < 0) {
    if (-over < SHORT_REST_SAMPLES) return seconds(1000)
    return -over < EASY_REST_SAMPLES ? seconds(60) + EASY_REST_SAMPLES + over : seconds(15)
  }
  if (over <= room.graceSamples) return 0
  const sounding = last.lengthSamples - over
  return over + (sounding < SHORT_REST_SAMPLES ? seconds(1000) : 0)
}

function penaltiesOf(candidates: readonly Playable[], { recent, songs, artists }: Separation): number[] {
  const songAge = new Map<string, number>()
  const artistAge = new Map<string, number>()
  for (let age = Math.min(recent.length, Math.max(songs, artists)) - 1; age >= 0; age--) {
    const { path, artist } = recent[recent.length - 1 - age]!
    if (age < songs) songAge.set(path, age)
    if (age < artists && artist !== '') artistAge.set(artist, age)
  }
  return candidates.map(({ path, artist }) => {
    const song = songAge.has(path) ? seconds(1e6) * (songs - songAge.get(path)!) : 0
    return song + (artistAge.has(artist) ? seconds(2000) * (artists - artistAge.get(artist)!) : 0)
  })
}

function indexOfLeast(values: readonly number[]): number {
  let least = 0
  values.forEach((value, index) => {
    if (value < values[least]!) least = index
  })
  return least
}
