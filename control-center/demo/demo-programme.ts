import type { Programme } from '../../schemas/station.ts'
import { topOfTheHour } from './jingles.ts'

export const MUSIC_FOLDER = 'music'
export const JINGLES_FOLDER = 'jingles'
export const IDENTS_FOLDER = 'idents'
export const EMERGENCY_FILE = 'emergency.mp3'
export const NIGHT_PLAYLIST = 'night-train.m3u'

/** The programme that suits the demo set; `deploy/station.example.yaml` shows it. */
export const demoProgramme: Programme = {
  rotation: { source: { folder: MUSIC_FOLDER }, order: 'shuffle' },
  jingles: { source: { folder: JINGLES_FOLDER }, everyItems: 4 },
  shows: [
    {
      name: 'Night Train',
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
      start: '22:00',
      end: '24:00',
      source: { playlist: NIGHT_PLAYLIST },
      order: 'shuffle',
      whenSkippedBySpring: 'shift',
      whenDoubledByAutumn: 'first',
      waitSecondsMax: 0,
    },
  ],
  fixed: [
    {
      name: 'Top of the hour',
      at: { everyHourAt: '00:00' },
      source: { file: `${IDENTS_FOLDER}/${topOfTheHour.file}` },
      waitSecondsMax: 0,
    },
    {
      name: 'Good morning',
      at: { time: '07:00:30', days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
      source: { folder: JINGLES_FOLDER },
      waitSecondsMax: 30,
    },
  ],
}
