import type { IngestPeer } from '../../schemas/live.ts'
import type { SavedVoices } from './saved-voices.ts'

/** Where a session's audio comes from: a feed of an ingest node, from an offset of its run or from its newest sample on. */
export type LiveFeed = {
  peer: IngestPeer
  keyId: string
  run: string
  from: number | 'newest'
  /** What is to be in hand, above all jitter, while it is on air. */
  bufferSamples: number
}

/** What is known of an opened feed's audio. Offsets are the feed's sample pairs. */
export type LiveAudio = {
  /** Samples in hand that have not sounded. */
  bufferedSamples: number
  /** The offset that sounds next (a fraction, once the drift is resampled away). */
  offsetNow: number
  /** First offset that has not arrived here. */
  newestOffset: number
  /** The sender's clock against the timeline's: positive when it sends too much. */
  driftPpm: number
  /** False while the sender's clock is so far off that the pitch is touched, or the buffer can't be held. */
  slopeHeld: boolean
  /** Why not, in a sentence; null while it is held. */
  slopeReason: string | null
  /** Connected to the ingest node, and audio may arrive. */
  streaming: boolean
  /** The ingest node has said that nothing more will come of this run. */
  ended: boolean
  /** Given up for good, with the reason: the offset or the run is gone, or the node can't be reached. */
  failed: string | null
}

export type LiveVoice = {
  sessionId: string
  anchorName: string
  title: string
  /** Not before what is mixed: a lower one means now. */
  atSample: number
  fadeSamples: number
  /** The programme goes on under it, ducked. */
  talkOver: boolean
}

/** One change of who is heard, as the mixer mixed it. */
export type Transition = {
  sessionId: string
  /** First sample of the new side, and the first one in which it stands alone. */
  atSample: number
  untilSample: number
  /** Samples between them in which nothing gave audio, and in which both sides did. */
  gapSamples: number
  overlapSamples: number
}

/** What sessions do to the air. Samples are the timeline's; everything takes effect at or after `mixedUntilSample()`. */
export type LiveAir = {
  mixedUntilSample(): number
  /** Begins to stream a feed's audio, off air. What the session had open before is let go of. */
  open(sessionId: string, feed: LiveFeed): void
  /** Null when it is not open. */
  audioOf(sessionId: string): LiveAudio | null
  /** The sample of the timeline at which an offset of the open feed sounds, or would; null when the session is not on air. */
  sampleOfOffset(sessionId: string, offset: number): number | null
  /**
   * The voice comes in over whatever sounds: the programme, or another voice, which ends under it (a hand-over). The answer is its first
   * sample, and by how long it fades in (less than asked for when what sounds ends before). Throws when the session is not open.
   */
  goLive(voice: LiveVoice): { startSample: number; fadeSamples: number }
  /**
   * The voice's last sample is the one before `endSample`; the programme comes in under the same fade. May be said again, with another
   * end, while the fade has not begun. The answer is the end as it will be; null when the session has no voice on air, or ends already.
   */
  endLive(
    sessionId: string,
    end: { endSample: number; fadeSamples: number; reason: string },
  ): { endSample: number } | null
  setTalkOver(sessionId: string, on: boolean, fadeSamples: number): void
  /**
   * While it lasts, what comes after a voice (or after the item on air) is the bed or the file, not the programme. The next voice ends it.
   * Said with `false` and a file it only makes the file ready.
   */
  setHold(on: boolean, file: string | null): void
  readonly isHeld: boolean
  /** Sessions whose voice is on air or goes out under a fade, oldest first. */
  readonly voices: readonly { sessionId: string; startSample: number; endSample: number | null; talkOver: boolean }[]
  /** Lets go of the feed; a voice that still sounds goes out at once under 20 ms. */
  close(sessionId: string): void
  /** Where the item that sounds would hand over to the next one, or to a voice that comes in under this fade: for a go-live at its end. */
  itemEndSample(fadeSamples: number): number
  /** Who has the air in a segment, for its marker: `live` when any voice sounded in it. */
  cueOfSegment(segment: number): 'programme' | 'live'
  /** Called before each block is mixed (while the mixer waits, more than once): the moment to decide. */
  onBlock: (mixedUntilSample: number) => void
  /** A change of who is heard is mixed to its end. */
  onTransition: (measured: Transition) => void
  /** A voice ended by itself: its audio ran dry, or could not be had again after a restart. The programme is coming in. */
  onDry: (sessionId: string, endSample: number, reason: string) => void
  /** For the checkpoint: everything that a new process needs to read on without losing a word. */
  save(): SavedVoices
}
