import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { firstFrameOfSegment, msOfSegment } from '../../../media/timeline.ts'
import type { OpenFiles } from './open-files.ts'
import type { SealedSegment } from './segment-file.ts'

/** Segments in one file: 3,609.6 s. */
export const SEGMENTS_PER_FILE = 900
const NAME = /^(\d{1,12})\.segments$/

/** The rolling archive of the air: a folder a rendition, a file an hour. */
export class AirStore {
  readonly #folder: string
  readonly #files: OpenFiles
  readonly #hours = new Map<string, number[]>()

  constructor(folder: string, files: OpenFiles) {
    this.#folder = folder
    this.#files = files
  }

  has(rendition: string, segment: number): boolean {
    return this.#hourFile(rendition, segment)?.has(segment) ?? false
  }

  /** Null when it is a hole. */
  read(rendition: string, segment: number): SealedSegment | null {
    return this.#hourFile(rendition, segment)?.read(segment) ?? null
  }

  /** Throws the file system's error; nothing has changed then. */
  append(sealed: SealedSegment): void {
    const { rendition, segment } = sealed.marker
    const hour = hourOf(segment)
    this.#files.writable(this.#path(rendition, hour)).append(sealed)
    const hours = this.#hoursOf(rendition)
    if (!hours.includes(hour)) this.#hours.set(rendition, [...hours, hour].sort(ascending))
  }

  /** First and last segment held of a rendition; null when there is none. */
  span(rendition: string): { oldest: number; newest: number } | null {
    const hours = this.#hoursOf(rendition)
    const segmentsOf = (hour: number): number[] => this.#file(rendition, hour)?.segments() ?? []
    const first = hours.find((hour) => segmentsOf(hour).length > 0)
    const last = hours.findLast((hour) => segmentsOf(hour).length > 0)
    if (first === undefined || last === undefined) return null
    return { oldest: segmentsOf(first)[0]!, newest: segmentsOf(last).at(-1)! }
  }

  /** Deletes the hours that ended before an instant of the timeline; answers how many. Throws the file system's error. */
  deleteBefore(instantMs: number): number {
    let deleted = 0
    for (const rendition of this.renditions()) {
      for (const hour of this.#hoursOf(rendition)) {
        if (msOfSegment((hour + 1) * SEGMENTS_PER_FILE) > instantMs) continue
        const path = this.#path(rendition, hour)
        this.#files.close(path)
        rmSync(path, { force: true })
        this.#hours.set(
          rendition,
          this.#hoursOf(rendition).filter((other) => other !== hour),
        )
        deleted += 1
      }
    }
    return deleted
  }

  bytes(): number {
    return this.renditions()
      .flatMap((rendition) => this.#hoursOf(rendition).map((hour) => sizeOf(this.#path(rendition, hour))))
      .reduce((sum, size) => sum + size, 0)
  }

  renditions(): string[] {
    return namesIn(this.#folder)
  }

  /** First frame after all that is held of a rendition; null when nothing is. */
  endFrame(rendition: string): number | null {
    const span = this.span(rendition)
    return span && firstFrameOfSegment(span.newest + 1)
  }

  #hourFile(rendition: string, segment: number) {
    const hour = hourOf(segment)
    return this.#hoursOf(rendition).includes(hour) ? this.#file(rendition, hour) : null
  }

  #file(rendition: string, hour: number) {
    return this.#files.existing(this.#path(rendition, hour))
  }

  #path(rendition: string, hour: number): string {
    return join(this.#folder, rendition, `${hour}.segments`)
  }

  #hoursOf(rendition: string): number[] {
    let hours = this.#hours.get(rendition)
    if (!hours) {
      hours = namesIn(join(this.#folder, rendition))
        .flatMap((name) => NAME.exec(name)?.[1] ?? [])
        .map(Number)
        .sort(ascending)
      this.#hours.set(rendition, hours)
    }
    return hours
  }
}

const hourOf = (segment: number): number => Math.floor(segment / SEGMENTS_PER_FILE)
const ascending = (a: number, b: number): number => a - b

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
