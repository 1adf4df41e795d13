import { systemClock } from '../../../platform/clock.ts'
import type { LiveSender } from '../../end-to-end/support/live-sender.ts'
import type { World } from './world.ts'

/** The anchor's tones: usually, in the second after the click on Go live, and in the second before the click on End. */
export const TONES = { usual: 4_200, first: 4_600, last: 5_000 } as const
export const ANCHOR = 'anchor'
export const PROGRAMME = 'programme'

/** A click on Go live, and the encoder that has the air by it. */
export type OnAir = { clickMs: number; sender: LiveSender }

/** The programme's tones: as files in a folder, and all of them in one. Our own station makes the same for itself. */
export type Material = { folder: string; inOne: string }

export type RunningSystem = {
  /** A media playlist of transport stream segments. */
  playlistUrl: string
  /** After a change on its side, how long until listeners have certainly met it. */
  settlesMs: number
  /** Clicks on Go live, at the moment for which `atMoment` waits, with an encoder made ready before as far as the system can use one. */
  goLive(atMoment: () => Promise<void>, options?: { speed?: number }): Promise<OnAir>
  /** Clicks on End. Resolves with the click's time once the system has taken it. */
  end(onAir: OnAir): Promise<number>
  /** After an encoder was lost for good: all that a person would do, and the encoder's end. */
  giveUp(onAir: OnAir): Promise<void>
  /** SIGKILL of everything that makes the stream, at once; a supervisor starts it again. */
  kill(): Promise<void>
  /** What is seen of the anchor's buffer, in milliseconds, and what the system tells of the sender; null where there is none. */
  buffer(): Promise<{ depthMs: number; told: string } | null>
  /** What the system says of its own changes; empty where it says nothing. */
  ownFigures(): Promise<string>
  stop(): Promise<void>
}

export type HandoffSystem = {
  key: 'ours' | 'liquidsoap' | 'nginx-rtmp'
  name: string
  /** Why it can't be run here, in a sentence; null when it can. */
  missing(world: World): Promise<string | null>
  /** `stall`: made for an RTMP encoder that stalls, where that is another configuration. */
  start(world: World, material: Material, purpose: 'changes' | 'stall'): Promise<RunningSystem>
}

const FIRST_MS = 1_000

/** From now on for a second the anchor says what must not be lost. */
export function firstSecondOf(sender: LiveSender): void {
  sender.frequency = TONES.first
  systemClock.after(FIRST_MS, () => {
    if (sender.frequency === TONES.first) sender.frequency = TONES.usual
  })
}
