import { write, writeSync } from 'node:fs'

const HELD_BYTES_MAX = 1_000_000
const RETRY_MS = 100

/**
 * Lines to a file descriptor, for pino. Never waits: while a reader takes nothing, so much is held and what comes after is dropped; once
 * the reader is gone all is dropped. At the end of the process what is held is tried once. (A logger that insists on its last lines keeps
 * a process alive for ever whose supervisor was killed.)
 */
export class LogDestination {
  private readonly descriptor: number
  private held: Buffer[] = []
  private heldBytes = 0
  /** A write is about to begin, or under way. */
  private isBusy = false
  private isWriting = false
  private isGone = false

  constructor(descriptor: number) {
    this.descriptor = descriptor
    process.once('exit', () => this.tryOnce())
  }

  write(line: string): void {
    if (this.isGone || this.heldBytes > HELD_BYTES_MAX) return
    const bytes = Buffer.from(line)
    this.held.push(bytes)
    this.heldBytes += bytes.length
    if (this.isBusy) return
    this.isBusy = true
    // Not at once: a line followed by the end of the process is then still here, and is written whole.
    setImmediate(() => this.writeHeld())
  }

  private writeHeld(): void {
    const bytes = Buffer.concat(this.held)
    this.held = []
    this.isWriting = true
    write(this.descriptor, bytes, (error, written = 0) => {
      this.isWriting = false
      if (error && error.code !== 'EAGAIN' && error.code !== 'EBUSY') this.giveUp()
      if (this.isGone) return
      const rest = bytes.subarray(written)
      this.heldBytes -= written
      if (rest.length > 0) this.held.unshift(rest)
      if (error) setTimeout(() => this.writeHeld(), RETRY_MS)
      else if (this.held.length > 0) this.writeHeld()
      else this.isBusy = false
    })
  }

  private tryOnce(): void {
    // With a write under way that the reader holds up, another would wait with it.
    if (this.isGone || this.isWriting || this.held.length === 0) return
    try {
      writeSync(this.descriptor, Buffer.concat(this.held))
    } catch {
      // Nobody reads any more, or not now: the end does not wait.
    }
    this.giveUp()
  }

  private giveUp(): void {
    this.isGone = true
    this.held = []
    this.heldBytes = 0
  }
}
