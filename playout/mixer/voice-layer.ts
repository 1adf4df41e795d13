/** A voice that lacks audio for the next block, and for how long it is worth waiting for it. */
export type LateVoice = { id: string; patienceMs: number }

/** What lies over the programme: the mixer's side of the live voices. */
export type VoiceLayer = {
  /** Before a block is mixed, while nothing of it is fixed yet. While the mixer waits it is called more than once. */
  beforeBlock(fromSample: number): void
  /** The voice that the samples of this span have to wait for, if any. */
  lateVoice(fromSample: number, untilSample: number): LateVoice | null
  /** It was waited for in vain: it ends where its audio ends. */
  giveUp(id: string, fromSample: number, reason: string): void
  /** Whether anything is to be added, turned down or measured in this block. */
  isIdle(): boolean
  /** Turns the programme in the mix down as it should be, adds the voices, and notes for each sample how many gave audio. */
  mixOver(mix: Float32Array, fromSample: number, heard: Uint8Array): void
  closeAll(): void
}
