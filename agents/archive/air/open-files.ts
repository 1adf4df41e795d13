import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { limits } from '../limits.ts'
import { SegmentFile } from './segment-file.ts'

/** The files of segments that were used last; opening one reads all of its headers. */
export class OpenFiles {
  readonly #files = new Map<string, SegmentFile>()

  /** Null when there is no such file. Throws the file system's other errors. */
  existing(path: string): SegmentFile | null {
    return this.#open(path, false)
  }

  /** Makes it when it is not there. Throws the file system's error. */
  writable(path: string): SegmentFile {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return this.#open(path, true)!
  }

  /** To be called before a file is deleted. */
  close(path: string): void {
    this.#files.get(path)?.close()
    this.#files.delete(path)
  }

  closeAll(): void {
    for (const path of [...this.#files.keys()]) this.close(path)
  }

  #open(path: string, mayCreate: boolean): SegmentFile | null {
    let file = this.#files.get(path)
    if (!file) {
      try {
        file = new SegmentFile(path, mayCreate)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    }
    // A Map keeps the order of insertion: what is put back is the newest.
    this.#files.delete(path)
    this.#files.set(path, file)
    const [oldest] = this.#files.keys()
    if (this.#files.size > limits.openFiles) this.close(oldest!)
    return file
  }
}
