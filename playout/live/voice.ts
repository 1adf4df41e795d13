import type { Span } from '../mixer/envelope.ts'
import type { LiveReader } from './live-reader.ts'

/** A session's voice on air, or on its way out. */
export type Voice = {
  sessionId: string
  anchorName: string
  title: string
  talkOver: boolean
  /** Its own fades. While nobody knows its end, that lies at OPEN_END. */
  span: Span
  reader: LiveReader
  /** Its span in the programme; null while the programme goes on under it. */
  placementId: string | null
  /** Its end has been promised. */
  ending: boolean
  /** It was waited for in vain: never again. */
  isDry: boolean
}

export const OPEN_END = Number.MAX_SAFE_INTEGER

/** Whether it has the air, as opposed to one that goes out under what has taken it. */
export const isTakenOver = ({ span }: Voice): boolean => span.takenOver !== undefined

/** Whether it is in its last fade, or taken over. */
export const isGoingOut = (voice: Voice, fromSample: number): boolean =>
  isTakenOver(voice) || fromSample >= voice.span.endSample - voice.span.fadeOutSamples

export const idOf = ({ sessionId, span }: Voice): string => `${sessionId} ${span.startSample}`

/** The part of a span of samples in which it sounds; empty when `samples` is not positive. */
export function soundingIn({ span }: Voice, from: number, until: number): { start: number; samples: number } {
  const start = Math.max(from, span.startSample)
  return { start, samples: Math.min(until, span.endSample) - start }
}
