import type { LiveSession } from '../../../schemas/live.ts'

/** What the page tells the sender's thread. */
export type ToSender =
  | { type: 'start'; ticket: string; urls: string[] }
  | { type: 'ticket'; ticket: string; urls: string[] }
  /** PCM comes from here from now on, instead of from where it came before. */
  | { type: 'audio'; port: MessagePort; sampleRate: number; channels: 1 | 2 }
  | { type: 'order'; action: string; body: object }
  /** Says goodbye and ends. */
  | { type: 'stop' }

/** What the ingest hears of us, as it says itself four times a second. */
export type HeardLevel = { levelDbfs: number; peakDbfs: number }

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed'
/** How the connection to the ingest stands. */
export type Link = {
  state: LinkState
  /** Why it is not open, in a sentence. */
  reason: string
  /** Connections that were made after the first one. */
  reconnections: number
  /** Sound that waits in the browser for the network. */
  queuedMs: number
  /** Pieces of 20 ms that were thrown away: the network was too slow, or away for too long. */
  droppedPieces: number
  sentPieces: number
  /** From handing a piece to the network until the ingest has it, and its answer is here; null before it is known. */
  roundTripMs: number | null
  heard: HeardLevel | null
}

/** What the sender's thread tells the page. */
export type FromSender =
  | { type: 'link'; link: Link }
  | { type: 'session'; session: LiveSession | null; nowMs: number }
  | { type: 'refused'; reason: string }
  /** An order that was not taken. */
  | { type: 'order-refused'; reason: string }
