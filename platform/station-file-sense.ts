import { IANAZone } from 'luxon'
import type { Show, StationFile, Weekday } from '../schemas/station.ts'
import { type DocumentProblem, nearest } from './station-file-problems.ts'

const WEEK: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const DAY_SECONDS = 86_400
const WEEK_SECONDS = 7 * DAY_SECONDS
/** 6,144 bits a frame and channel (ISO/IEC 14496-3, 4.5.3.3) at 46.875 frames a second. */
const AAC_KBPS_PER_CHANNEL_MAX = 288

/** What the schema can't see: values that fit one by one and make no sense together. */
export function senseProblemsOf(station: StationFile): DocumentProblem[] {
  const problems: DocumentProblem[] = []
  if (!isZone(station.timeZone)) {
    const near = nearest(station.timeZone, Intl.supportedValuesOf('timeZone'))
    const advice = near ? `did you mean ${near}?` : 'write it like Europe/Berlin'
    problems.push({ path: ['timeZone'], message: `"${station.timeZone}" is not a known time zone; ${advice}` })
  }
  station.renditions.forEach((rendition, index) => {
    const first = station.renditions.findIndex((other) => other.id === rendition.id)
    if (first < index)
      problems.push({
        path: ['renditions', index, 'id'],
        message: `"${rendition.id}" is already the id of renditions[${first}]; give each its own, like high and low`,
      })
    const limit = AAC_KBPS_PER_CHANNEL_MAX * rendition.channels
    if (rendition.bitrateKbps > limit)
      problems.push({
        path: ['renditions', index, 'bitrateKbps'],
        message: `${rendition.bitrateKbps} is more than AAC can carry in ${rendition.channels === 1 ? 'one channel' : 'two channels'}; write at most ${limit}, like 128`,
      })
  })
  const { windowSegments, keptSegments } = station.hls
  if (keptSegments < windowSegments)
    problems.push({
      path: ['hls', 'keptSegments'],
      message: `${keptSegments} is fewer than the ${windowSegments} of windowSegments that are listed; write it like ${windowSegments * 2}`,
    })
  station.programme.shows.forEach((show, index) => {
    if (show.start === '24:00')
      problems.push({
        path: ['programme', 'shows', index, 'start'],
        message: '"24:00" is an end only; write it like 00:00',
      })
  })
  station.programme.fixed.forEach((item, index) => {
    if ('time' in item.at && item.at.time === '24:00')
      problems.push({
        path: ['programme', 'fixed', index, 'at', 'time'],
        message: '"24:00" is an end only; write it like 00:00',
      })
  })
  return problems
}

/** Shows whose weekly slots overlap: allowed, since the planner decides, but seldom meant. */
export function overlapWarningsOf(station: StationFile): DocumentProblem[] {
  const warnings: DocumentProblem[] = []
  station.programme.shows.forEach((show, index) => {
    for (const [otherIndex, other] of station.programme.shows.slice(0, index).entries()) {
      const day = firstSharedDay(other, show)
      if (day)
        warnings.push({
          path: ['programme', 'shows', index],
          message: `"${show.name}" (${show.start} to ${show.end}) overlaps "${other.name}" of programme.shows[${otherIndex}] (${other.start} to ${other.end}) on ${day}; one of them will be cut short`,
        })
    }
  })
  return warnings
}

function firstSharedDay(one: Show, two: Show): Weekday | undefined {
  const secondSlots = slotsOf(two)
  return slotsOf(one).find((slot) =>
    secondSlots.some((other) =>
      // A slot that runs past Sunday midnight meets Monday's.
      [-WEEK_SECONDS, 0, WEEK_SECONDS].some(
        (shift) => slot.from < other.until + shift && other.from + shift < slot.until,
      ),
    ),
  )?.day
}

function slotsOf(show: Show): { day: Weekday; from: number; until: number }[] {
  const start = secondsOf(show.start)
  const end = secondsOf(show.end)
  return show.days.map((day) => {
    const midnight = WEEK.indexOf(day) * DAY_SECONDS
    return { day, from: midnight + start, until: midnight + (end <= start ? end + DAY_SECONDS : end) }
  })
}

function secondsOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = timeOfDay.split(':').map(Number)
  return hours * 3600 + minutes * 60 + seconds
}

/** A zone that both luxon and Intl know; offsets such as "+02:00" are no zones, they have no clock changes. */
function isZone(name: string): boolean {
  return /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name)
}
