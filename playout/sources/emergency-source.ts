import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Source, SourceState } from './source.ts'

const BYTES_PER_PAIR = 4

/** The saved emergency audio (48 kHz stereo, 16 bit), round and round. Needs nothing but a readable file: no decoder, no library. */
export class EmergencySource implements Source {
  private readonly file: number
  private readonly pairs: number
  private position: number
  private readonly bytes = Buffer.alloc(1024 * BYTES_PER_PAIR)
  private current: SourceState = { state: 'open' }
  private isClosed = false

  /** Throws when the file can't be opened or holds less than a second. */
  constructor(path: string, fromSample: number) {
    this.file = openSync(path, 'r')
    this.pairs = Math.floor(fstatSync(this.file).size / BYTES_PER_PAIR)
    if (this.pairs < 48_000) {
      closeSync(this.file)
      throw new Error(`the saved emergency audio is shorter than a second: ${path}`)
    }
    this.position = fromSample % this.pairs
  }

  availableSamples(): number {
    return this.current.state === 'open' ? Number.MAX_SAFE_INTEGER : 0
  }

  state(): SourceState {
    return this.current
  }

  read(into: Float32Array, samples: number): void {
    for (let done = 0; done < samples; ) {
      const wanted = Math.min(samples - done, 1024, this.pairs - this.position)
      const got = this.readPairs(wanted)
      for (let index = 0; index < got * 2; index++) into[done * 2 + index] = this.bytes.readInt16LE(index * 2) / 32768
      if (got < wanted) into.fill(0, (done + got) * 2, (done + wanted) * 2)
      this.position = (this.position + wanted) % this.pairs
      done += wanted
    }
  }

  close(): void {
    if (this.current.state === 'open') this.current = { state: 'ended' }
    if (!this.isClosed) closeSync(this.file)
    this.isClosed = true
  }

  private readPairs(wanted: number): number {
    try {
      return Math.floor(
        readSync(this.file, this.bytes, 0, wanted * BYTES_PER_PAIR, this.position * BYTES_PER_PAIR) / BYTES_PER_PAIR,
      )
    } catch (error) {
      this.current = { state: 'failed', reason: `the saved emergency audio can't be read: ${(error as Error).message}` }
      return 0
    }
  }
}
