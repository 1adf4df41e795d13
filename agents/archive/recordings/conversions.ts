import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../../media/timeline.ts'
import type { Clock } from '../../../platform/clock.ts'
import { readFileIfThere, replaceFile } from '../../../platform/files.ts'
import type { Processes } from '../../../platform/processes.ts'
import type { RenditionInfo, StationInfo } from '../../../schemas/markers.ts'
import type { Disk } from '../air/disk.ts'
import { limits } from '../limits.ts'
import { adtsOf } from './content.ts'
import { runFfmpeg } from './ffmpeg.ts'
import type { RecordingStore, StoredRecording } from './recording-store.ts'
import { PeakMeter, waveformSvg } from './waveform.ts'

export type AudioKind = 'm4a' | 'mp3'
/** What can't be done now, in a sentence; it may be later. */
export class NotNow extends Error {}

const WAVEFORM_COLUMNS = 600
const WAVEFORM_RATE = 8_000
const BITEXACT = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact']
const CODEC: Readonly<Record<AudioKind, readonly string[]>> = {
  // The very frames of the air, in another box.
  m4a: ['-c:a', 'copy', '-movflags', '+faststart', '-f', 'ipod'],
  mp3: ['-c:a', 'libmp3lame', '-b:a', '128k', '-id3v2_version', '3', '-f', 'mp3'],
}

export type ConversionsParts = {
  folder: string
  store: RecordingStore
  station(): StationInfo
  disk: Disk
  processes: Processes
  clock: Clock
}

/** Makes a recording's files when they are first asked for, one at a time, and keeps those that were asked for last. */
export class Conversions {
  readonly #parts: ConversionsParts
  readonly #inWork = new Map<string, Promise<string>>()
  readonly #ending = new AbortController()
  #turn: Promise<unknown> = Promise.resolve()

  /** Throws the file system's error when its folder can't be used. */
  constructor(parts: ConversionsParts) {
    this.#parts = parts
    mkdirSync(parts.folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(parts.folder)) if (name.endsWith('.tmp')) rmSync(join(parts.folder, name))
  }

  /** The path of a finished recording's audio. The same recording under the same title gives the same bytes at any time. */
  async audio(recording: StoredRecording, kind: AudioKind): Promise<string> {
    const named = createHash('sha256').update(recording.title).digest('hex').slice(0, 8)
    const path = join(this.#parts.folder, `${recording.id}.${named}.${kind}`)
    if (touched(path, this.#parts.clock.wallMs())) return path
    return this.#once(path, () => this.#makeAudio(recording, kind, path))
  }

  /** The waveform's picture, made once. */
  async waveform(recording: StoredRecording): Promise<string> {
    const path = join(this.#parts.store.pathOf(recording.id), 'waveform.svg')
    const known = readFileIfThere(path)
    if (known !== null) return known
    await this.#once(path, () => this.#makeWaveform(recording, path))
    return readFileIfThere(path) ?? ''
  }

  /** Forgets what was made of a recording. */
  forget(id: string): void {
    for (const name of readdirSync(this.#parts.folder))
      if (name.startsWith(`${id}.`)) rmSync(join(this.#parts.folder, name), { force: true })
  }

  async stop(): Promise<void> {
    this.#ending.abort(new NotNow('the archive is ending'))
    await this.#turn
  }

  /** Those who ask for the same wait for the same. Rejects with {@link NotNow} when too many wait, or there is no room. */
  #once(path: string, make: () => Promise<void>): Promise<string> {
    const running = this.#inWork.get(path)
    if (running) return this.#patiently(running)
    if (this.#inWork.size >= limits.conversionsWaiting)
      return Promise.reject(new NotNow('too many files are being made; ask again in a minute'))
    const made = this.#turn.then(make).then(() => path)
    this.#inWork.set(path, made)
    this.#turn = made.then(
      () => this.#inWork.delete(path),
      () => this.#inWork.delete(path),
    )
    return this.#patiently(made)
  }

  /** A connection on which nothing moves is ended by those on the way: rather ask again, the work goes on. */
  #patiently(made: Promise<string>): Promise<string> {
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.clock.after(limits.conversionPatienceMs, () =>
        reject(new NotNow('the file is being made: ask again in a moment')),
      )
      made.then(resolve, reject).finally(cancel)
    })
  }

  #source(recording: StoredRecording): { adts: Iterable<Buffer>; rendition: RenditionInfo; frames: number } {
    const { store, station } = this.#parts
    const rendition = station().renditions.find(({ id }) => id === recording.rendition)
    if (!rendition) throw new NotNow(`the station has no rendition ${recording.rendition} any more`)
    const frames = { from: recording.fromFrame, until: recording.untilFrame! }
    const read = (segment: number) => store.segments(recording.id)?.read(segment) ?? null
    return { adts: adtsOf(frames, read, rendition.channels), rendition, frames: frames.until - frames.from }
  }

  async #makeAudio(recording: StoredRecording, kind: AudioKind, path: string): Promise<void> {
    const { processes, clock, disk, station } = this.#parts
    const { adts, rendition, frames } = this.#source(recording)
    const bytes = ((Math.max(rendition.bitrateKbps, 128) * 1_000) / 8) * ((frames * FRAME_SAMPLES) / SAMPLE_RATE) * 1.2
    // With `faststart` the file is written twice.
    if (!disk.hasRoomFor(2 * bytes)) throw new NotNow('there is not enough room on the disk to make this file')
    const draft = `${path}.tmp`
    const tags = [
      '-metadata',
      `title=${recording.title}`,
      '-metadata',
      `artist=${recording.anchorName || station().name}`,
    ]
    try {
      await runFfmpeg(
        processes,
        clock,
        ['-y', '-map', '0:a', ...CODEC[kind], ...BITEXACT, ...tags, draft],
        adts,
        this.#ending.signal,
      )
      renameSync(draft, path)
    } finally {
      rmSync(draft, { force: true })
    }
    this.#evict(path)
  }

  async #makeWaveform(recording: StoredRecording, path: string): Promise<void> {
    const { processes, clock } = this.#parts
    const { adts, frames } = this.#source(recording)
    const meter = new PeakMeter(WAVEFORM_COLUMNS, (frames * FRAME_SAMPLES * WAVEFORM_RATE) / SAMPLE_RATE)
    const args = ['-ac', '1', '-ar', String(WAVEFORM_RATE), '-f', 's16le', 'pipe:1']
    await runFfmpeg(processes, clock, args, adts, this.#ending.signal, (bytes) => meter.take(bytes))
    replaceFile(path, waveformSvg(meter.peaks))
  }

  /** What was asked for longest ago goes first. */
  #evict(keep: string): void {
    const { folder } = this.#parts
    const files = readdirSync(folder)
      .map((name) => join(folder, name))
      .map((path) => ({ path, ...sizeAndUse(path) }))
      .sort((a, b) => a.usedMs - b.usedMs)
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const { path, bytes } of files) {
      if (total <= limits.cacheBytes) return
      if (path === keep) continue
      rmSync(path, { force: true })
      total -= bytes
    }
  }
}

function sizeAndUse(path: string): { bytes: number; usedMs: number } {
  const stat = statSync(path, { throwIfNoEntry: false })
  return { bytes: stat?.size ?? 0, usedMs: stat?.mtimeMs ?? 0 }
}

/** Whether the file is there; it counts as used now. */
function touched(path: string, nowMs: number): boolean {
  try {
    utimesSync(path, nowMs / 1000, nowMs / 1000)
    return true
  } catch {
    return false
  }
}
