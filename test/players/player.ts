import type { Pcm } from '../oracle/pcm.ts'
import type { PathName } from './paths.ts'

export type CaptureOptions = {
  /** How much sound is wanted. */
  seconds: number
  /** When the player is ended, whatever it has by then. */
  secondsMost: number
  /** A folder of its own, writable for everyone. */
  folder: string
  signal: AbortSignal
}

export type Player = {
  name: string
  /** Null when it can be used; otherwise why not. */
  missing(): Promise<string | null>
  /** Null when it is expected to play this path; otherwise what it can't do. */
  cannot(path: PathName): string | null
  /** What it made of the address, at 48 kHz, from the first sample it played. Rejects in a sentence when it played nothing. */
  capture(url: string, options: CaptureOptions): Promise<Pcm>
}
