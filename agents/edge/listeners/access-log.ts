import { closeSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs'

export type PlaylistRequest = { address: string; path: string; userAgent: string }

const FILE_BYTES_MAX = 8 * 1024 * 1024
const READ_BYTES_MAX = 4 * 1024 * 1024

/** A line of the `listeners` format; null for anything else, and for the master playlist, which nobody polls. */
export function readAccessLine(line: string): PlaylistRequest | null {
  const [, address, path, userAgent] = line.split('\t')
  if (address === undefined || path === undefined || userAgent === undefined) return null
  if (path.endsWith('/master.m3u8')) return null
  return { address, path, userAgent: userAgent.slice(0, 200) }
}

/**
 * Follows nginx's access log and keeps it small: when it has grown, it is moved away, nginx is asked for a new one
 * (`reopen`), and the old one is read to its end and deleted the next time.
 */
export class AccessLog {
  readonly #path: string
  readonly #reopen: () => void
  #offset = 0
  #rest = ''
  #rotatedOffset: number | null = null

  constructor(path: string, reopen: () => void) {
    this.#path = path
    this.#reopen = reopen
    rmSync(path, { force: true })
    rmSync(this.#rotated, { force: true })
  }

  get #rotated(): string {
    return `${this.#path}.old`
  }

  /** What was asked for since the last call. */
  read(): PlaylistRequest[] {
    const lines: string[] = []
    if (this.#rotatedOffset !== null) {
      this.#readFrom(this.#rotated, this.#rotatedOffset, lines)
      rmSync(this.#rotated, { force: true })
      this.#rotatedOffset = null
      this.#rest = ''
    }
    this.#offset += this.#readFrom(this.#path, this.#offset, lines)
    if (this.#offset > FILE_BYTES_MAX) {
      renameSync(this.#path, this.#rotated)
      this.#rotatedOffset = this.#offset
      this.#offset = 0
      this.#reopen()
    }
    return lines.flatMap((line) => readAccessLine(line) ?? [])
  }

  /** Adds the whole lines after an offset; answers how many bytes were read. */
  #readFrom(path: string, offset: number, lines: string[]): number {
    let size: number
    try {
      size = statSync(path).size
    } catch {
      return 0
    }
    const length = Math.min(READ_BYTES_MAX, size - offset)
    if (length <= 0) return 0
    const bytes = Buffer.alloc(length)
    const file = openSync(path, 'r')
    try {
      const read = readSync(file, bytes, 0, length, offset)
      const parts = (this.#rest + bytes.toString('latin1', 0, read)).split('\n')
      this.#rest = parts.pop() ?? ''
      lines.push(...parts)
      return read
    } finally {
      closeSync(file)
    }
  }
}
