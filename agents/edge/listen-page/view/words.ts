import type { PlayerState } from '../player/player.ts'

/** How the listening stands, in a sentence. */
export function sentenceOf(state: PlayerState): string {
  switch (state) {
    case 'stopped':
      return 'Ready when you are'
    case 'connecting':
      return 'Connecting…'
    case 'playing':
      return 'Playing'
    case 'reconnecting':
      return 'The connection was lost. Reconnecting…'
    case 'offline':
      return 'You are off-line. The radio comes back when you do.'
    case 'waiting':
      return 'The station does not answer at the moment. Waiting for it…'
  }
}

/** The listener's own time of day. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

/** `3:07`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const KINDS: Record<string, string> = {
  live: 'Live',
  show: 'Show',
  jingle: 'Jingle',
  ident: 'Station ident',
  emergency: 'Between programmes',
  bed: 'Between programmes',
}

/** What an item is called above its title; nothing for music, which needs no word. */
export const kindWord = (kind: string): string | null => KINDS[kind] ?? null

/** Nobody knows when it ends: an end that is planned would mislead. */
export const isOpenEnded = (kind: string): boolean => kind === 'live' || kind === 'emergency' || kind === 'bed'
