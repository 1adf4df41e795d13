/** The time of day by the station's clock: `20:00:04`. */
export function clockTime(ms: number, timeZone: string | null): string {
  return new Date(ms).toLocaleTimeString('en-GB', { ...(timeZone ? { timeZone } : {}), hour12: false })
}

/** `3:07`, or `1:03:07`; never below nothing. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const rest = `${String(Math.floor(seconds / 60) % 60)}:${String(seconds % 60).padStart(2, '0')}`
  return seconds < 3_600 ? rest : `${Math.floor(seconds / 3_600)}:${rest.padStart(5, '0')}`
}

/** What is left until an instant, rounded up, so that 0:00 is when it happens. */
export const remaining = (ms: number): string => duration(Math.ceil(ms / 1_000) * 1_000)

/** The next time that the station's clock shows `time` (`20:00` or `20:00:30`), as an instant. Null when that is no time. */
export function nextTime(time: string, nowMs: number, timeZone: string | null): number | null {
  const wanted = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(time)
  if (wanted === null) return null
  const wantedSeconds = secondsOf(wanted[1]!, wanted[2]!, wanted[3] ?? '0')
  const [hours, minutes, seconds] = clockTime(nowMs, timeZone).split(':')
  const aheadSeconds = (wantedSeconds - secondsOf(hours!, minutes!, seconds!) + 86_400) % 86_400
  const atMs = Math.floor(nowMs / 1_000) * 1_000 + aheadSeconds * 1_000
  // A change of the clocks before then moves it: once is enough, for they change by whole hours.
  const [atHours, atMinutes, atSeconds] = clockTime(atMs, timeZone).split(':')
  const offSeconds = wantedSeconds - secondsOf(atHours!, atMinutes!, atSeconds!)
  return atMs + (Math.abs(offSeconds) > 43_200 ? offSeconds - Math.sign(offSeconds) * 86_400 : offSeconds) * 1_000
}

const secondsOf = (hours: string, minutes: string, seconds: string): number =>
  Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)

const SOURCES: Record<string, string> = {
  rtmp: 'encoder by RTMP',
  icecast: 'encoder by Icecast',
  browser: "browser's microphone",
  srt: 'encoder by SRT',
  relay: 'relay',
}
export const sourceWord = (source: string): string => SOURCES[source] ?? source

const STATES: Record<string, string> = {
  connected: 'connected',
  buffering: 'buffering',
  ready: 'ready',
  'on-air': 'on air',
  draining: 'ending',
  ended: 'ended',
}
export const stateWord = (state: string): string => STATES[state] ?? state
