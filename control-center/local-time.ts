import { DateTime } from 'luxon'

/** ISO 8601 with the zone's offset at that instant: `2026-03-29T03:00:00.000+02:00`. */
export const localTime = (ms: number, timeZone: string): string =>
  DateTime.fromMillis(ms, { zone: timeZone }).toISO() ?? new Date(ms).toISOString()

/** The day (`YYYY-MM-DD`) that an instant falls on in a zone. */
export const localDay = (ms: number, timeZone: string): string => localTime(ms, timeZone).slice(0, 10)
