import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { readFileIfThere, replaceFile } from '../../../platform/files.ts'
import type { Logger } from '../../../platform/log.ts'
import { check } from '../../../schemas/check.ts'
import { Recording } from '../../../schemas/recordings.ts'
import type { OpenFiles } from '../air/open-files.ts'
import type { SegmentFile } from '../air/segment-file.ts'

/** A recording as it is on disk. What follows from its frames is computed when it is shown. */
export const StoredRecording = Type.Intersect([
  Type.Omit(Recording, ['fromMs', 'untilMs', 'lengthMs', 'bytes', 'silentMs']),
  Type.Object({
    /** Which rendition it is of. */
    rendition: Type.String(),
    silentFrames: Type.Integer({ minimum: 0 }),
    /** Length of its m4a, for the podcast; null while it is not published. */
    m4aBytes: Type.Union([Type.Integer(), Type.Null()]),
  }),
])
export type StoredRecording = Static<typeof StoredRecording>

const DeletedSessions = Type.Array(Type.Object({ sessionId: Type.String(), atMs: Type.Number() }))
type DeletedSessions = Static<typeof DeletedSessions>

/** Recordings on disk, a folder each: what is known of it, and its segments. */
export class RecordingStore {
  readonly #folder: string
  readonly #files: OpenFiles
  readonly #recordings = new Map<string, StoredRecording>()
  #deleted: DeletedSessions

  /** Reads what is there. Throws the file system's error when the folder can't be used. */
  constructor(folder: string, files: OpenFiles, log: Logger) {
    this.#folder = folder
    this.#files = files
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) {
      const text = readFileIfThere(join(folder, name, 'recording.json'))
      if (text === null) continue
      const recording = parsed(StoredRecording, text)
      if (recording) this.#recordings.set(recording.id, recording)
      else log.error({ name }, 'what is known of a recording can not be read; its sound is left where it is')
    }
    this.#deleted = parsed(DeletedSessions, readFileIfThere(this.#deletedPath) ?? '[]') ?? []
  }

  /** Newest first. */
  all(): StoredRecording[] {
    return [...this.#recordings.values()].sort((a, b) => b.fromFrame - a.fromFrame)
  }

  get(id: string): StoredRecording | undefined {
    return this.#recordings.get(id)
  }

  /** Throws the file system's error; then nothing has changed. */
  save(recording: StoredRecording): void {
    mkdirSync(this.pathOf(recording.id), { recursive: true, mode: 0o700 })
    replaceFile(join(this.pathOf(recording.id), 'recording.json'), `${JSON.stringify(recording, null, 2)}\n`)
    this.#recordings.set(recording.id, recording)
  }

  /** With its files. A live session's recording is not made again. */
  delete(recording: StoredRecording, nowMs: number, keptForMs: number): void {
    if (recording.sessionId !== null) {
      const recent = this.#deleted.filter(({ atMs }) => nowMs - atMs < keptForMs)
      this.#deleted = [...recent, { sessionId: recording.sessionId, atMs: nowMs }]
      replaceFile(this.#deletedPath, JSON.stringify(this.#deleted))
    }
    this.#files.close(this.#segmentsPath(recording.id))
    rmSync(this.pathOf(recording.id), { recursive: true, force: true })
    this.#recordings.delete(recording.id)
  }

  wasDeleted(sessionId: string): boolean {
    return this.#deleted.some((deleted) => deleted.sessionId === sessionId)
  }

  /** Null before its first segment. */
  segments(id: string): SegmentFile | null {
    return this.#files.existing(this.#segmentsPath(id))
  }

  /** Throws the file system's error. */
  writableSegments(id: string): SegmentFile {
    return this.#files.writable(this.#segmentsPath(id))
  }

  pathOf(id: string): string {
    return join(this.#folder, id)
  }

  #segmentsPath(id: string): string {
    return join(this.pathOf(id), 'audio.segments')
  }

  get #deletedPath(): string {
    return `${this.#folder}.deleted.json`
  }
}

function parsed<S extends typeof StoredRecording | typeof DeletedSessions>(schema: S, text: string): Static<S> | null {
  try {
    const checked = check(schema, JSON.parse(text))
    return checked.ok ? (checked.value as Static<S>) : null
  } catch {
    return null
  }
}
