import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import { fingerprintOf } from '../../platform/fingerprint.ts'
import type { Logger } from '../../platform/log.ts'
import type { SourceReference } from '../../schemas/station.ts'
import type { LibraryView, ResolvedSource } from '../schedule/library-view.ts'
import type { Analyser, Analysis } from './analyse.ts'
import { AnalysisStore, type KnownFile } from './analysis-store.ts'
import { FolderWatch } from './folder-watch.ts'
import { foundOther } from './found-other.ts'
import { type FileState, gainFor, LibraryIndex } from './library-index.ts'
import { type PlaylistEntry, parsePlaylist } from './playlists.ts'
import { RetryRule } from './retry-rule.ts'
import { type FileProblem, type FoundFile, readPlaylist, type Scan, scan } from './scan.ts'
import { SettleRule } from './settle-rule.ts'

export type LibraryOptions = {
  /** Absolute. */
  musicFolder: string
  /** Relative to the music folder; left out when the whole folder is asked for. */
  emergencyFile: string | null
  /** Of the program: takes the analyses when the music folder can't be written to. */
  dataFolder: string
  targetLufs: number
  clock: Clock
  log: Logger
  analyse: Analyser
  /** How often the folder is looked through even when nothing told of a change. */
  rescanMs?: number
  /** A file that changed less long ago is still being copied. */
  settleMs?: number
}

export type LibraryEntry = {
  /** Relative to the music folder. */
  file: string
  title: string
  artist: string
  album?: string
  durationSeconds: number
  loudnessLufs: number
  gainDb: number
}

const RESCAN_MS = 60_000
const SETTLE_MS = 2_000
const WAITING = 'It waits for its analysis.'
const COPYING = 'It is still being copied.'

/**
 * The music folder, looked through again and again, each new file decoded and measured once, one at a time, before it may be
 * planned. Files are never changed. What is wrong with one file is a reason in {@link problems}, never an error.
 */
export class Library implements LibraryView {
  private readonly settle: SettleRule
  private readonly watch: FolderWatch
  private readonly listeners = new Set<() => void>()
  private readonly ended = new AbortController()
  private store: AnalysisStore | null = null
  private found: Scan = { audio: new Map(), playlists: new Map(), folders: [], problems: [] }
  private files = new Map<string, FileState>()
  private playlists = new Map<string, { fingerprint: string; entries: PlaylistEntry[] | { reason: string } }>()
  private queue: FoundFile[] = []
  private analysing: FoundFile | null = null
  private readonly retry = new RetryRule()
  /** Made when asked for, and until the next change. */
  private current: LibraryIndex | null = null
  private shownEntries: LibraryEntry[] | null = null
  private shownProblems: FileProblem[] | null = null
  private looking: Promise<void> | null = null
  private working: Promise<void> | null = null
  private cancelLook: (() => void) | null = null
  private stopRescans: (() => void) | null = null

  constructor(private readonly options: LibraryOptions) {
    this.settle = new SettleRule(options.settleMs ?? SETTLE_MS)
    this.watch = new FolderWatch(options.musicFolder, () => this.lookSoon())
  }

  /** Resolves when the folder was looked through once: what earlier runs analysed can be planned then. */
  async start(): Promise<void> {
    this.stopRescans = this.options.clock.every(this.options.rescanMs ?? RESCAN_MS, () => void this.look())
    await this.look()
  }

  /** Ends a running analysis and waits for its end. */
  async stop(): Promise<void> {
    this.ended.abort(new Error('the library is stopped'))
    this.stopRescans?.()
    this.cancelLook?.()
    this.watch.stop()
    await Promise.allSettled([this.looking, this.working])
  }

  resolve(source: SourceReference | null): ResolvedSource {
    return this.index().resolve(source)
  }

  /** Another text whenever {@link resolve} might answer otherwise; the same over a restart when nothing changed. */
  version(): string {
    return this.index().version
  }

  /** Called after each change of what {@link resolve}, {@link entries} and {@link problems} answer; the answer ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** What can be planned, by path. */
  entries(): LibraryEntry[] {
    this.shownEntries ??= [...this.files]
      .flatMap(([file, one]) => (one.state === 'playable' ? [this.entry(file, one.known)] : []))
      .sort((one, other) => (one.file < other.file ? -1 : 1))
    return this.shownEntries
  }

  /** What was set aside, each with its reason in a sentence; what only waits is not among it. */
  problems(): FileProblem[] {
    this.shownProblems ??= this.findProblems()
    return this.shownProblems
  }

  private findProblems(): FileProblem[] {
    const setAside = [...this.files].flatMap(([file, one]) =>
      one.state === 'set aside' ? [{ file, reason: one.reason }] : [],
    )
    const playlists = [...this.playlists.keys()].flatMap((file) => {
      const { unplayable, problem } = this.index().resolve({ playlist: file })
      const own = unplayable.filter(({ path }) => path === file).map(({ reason }) => ({ file, reason }))
      return problem ? [{ file, reason: problem }] : own
    })
    return [...this.found.problems, ...setAside, ...playlists].sort((one, other) => (one.file < other.file ? -1 : 1))
  }

  /** How many files wait to be analysed. */
  waiting(): number {
    return [...this.files.values()].filter((one) => one.state === 'waiting').length
  }

  /** Looks through the folder now; resolves when that is done (analyses may follow). */
  look(): Promise<void> {
    this.looking ??= this.lookThrough()
      .catch((error: Error) =>
        this.options.log.error({ error: error.stack }, 'the music folder could not be looked through'),
      )
      .finally(() => {
        this.looking = null
      })
    return this.looking
  }

  private lookSoon(): void {
    if (this.ended.signal.aborted) return
    this.cancelLook ??= this.options.clock.after(this.options.settleMs ?? SETTLE_MS, () => {
      this.cancelLook = null
      // A look under way may have passed the change already: another one follows it.
      const after = this.looking ?? Promise.resolve()
      void after.then(() => this.look())
    })
  }

  private async lookThrough(): Promise<void> {
    const { clock, musicFolder, dataFolder } = this.options
    if (this.ended.signal.aborted) return
    const found = await scan(musicFolder)
    if (this.ended.signal.aborted) return
    // A folder that is not there yet has no journal either; it is opened with the first look that finds it.
    if (!this.store && found.folders.length) this.store = new AnalysisStore(musicFolder, dataFolder)
    const files = new Map<string, FileState>()
    this.queue = []
    const moment = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }
    for (const file of found.audio.values()) files.set(file.file, this.stateOf(file, moment))
    // Small files first: jingles, idents and a first song are ready soonest.
    this.queue.sort((one, other) => one.bytes - other.bytes)
    const before = { files: this.files, found: this.found }
    this.files = files
    this.found = found
    this.settle.forgetAllBut(found.audio)
    const playlistsChanged = await this.readPlaylists(found)
    this.watch.set(found.folders)
    if (playlistsChanged || foundOther(before, { files: this.files, found })) this.changed()
    this.goToWork()
  }

  private stateOf(file: FoundFile, moment: { wallMs: number; monotonicMs: number }): FileState {
    const known = this.store?.get(file.file, file.fingerprint)
    if (known) return stateOfKnown(known)
    const reason = this.retry.reasonToWait(file, moment.monotonicMs)
    if (reason !== null) return { state: 'set aside', reason }
    if (!this.settle.isSettled(file, moment)) {
      this.lookSoon()
      return { state: 'waiting', reason: COPYING }
    }
    const isUnderWay = this.analysing?.file === file.file && this.analysing.fingerprint === file.fingerprint
    if (!isUnderWay) this.queue.push(file)
    return { state: 'waiting', reason: WAITING }
  }

  /** Answers whether any changed. */
  private async readPlaylists(found: Scan): Promise<boolean> {
    let changed = false
    for (const file of [...this.playlists.keys()]) if (!found.playlists.has(file)) changed = this.playlists.delete(file)
    for (const file of found.playlists.values()) {
      if (this.playlists.get(file.file)?.fingerprint === file.fingerprint) continue
      const bytes = await readPlaylist(this.options.musicFolder, file)
      const entries = 'reason' in bytes ? bytes : parsePlaylist(bytes, file.file)
      this.playlists.set(file.file, { fingerprint: file.fingerprint, entries })
      changed = true
    }
    return changed
  }

  private goToWork(): void {
    if (this.working || !this.queue.length || this.ended.signal.aborted) return
    this.working = this.work().finally(() => {
      this.working = null
      // A look may have found more in the moment between the last file and now.
      this.goToWork()
    })
  }

  /** Analyses what waits, one file at a time. A look meanwhile replaces the queue. */
  private async work(): Promise<void> {
    const { clock, log, analyse, musicFolder } = this.options
    const { signal } = this.ended
    for (let file = this.queue.shift(); file && !signal.aborted; file = this.queue.shift()) {
      const path = join(musicFolder, file.file)
      let analysis: Analysis
      this.analysing = file
      try {
        if (!(await isStill(path, file.fingerprint))) {
          this.lookSoon()
          continue
        }
        analysis = await analyse({ path, bytes: file.bytes }, { clock, signal })
        if (!(await isStill(path, file.fingerprint))) {
          this.lookSoon()
          continue
        }
      } catch (error) {
        if (signal.aborted) return
        log.error({ file: file.file, error: (error as Error).stack }, 'the analysis of a file failed')
        analysis = { playable: false, reason: `Its analysis failed: ${(error as Error).message}.`, passing: true }
      } finally {
        this.analysing = null
      }
      this.take(file, analysis)
    }
  }

  private take(file: FoundFile, analysis: Analysis): void {
    const { log } = this.options
    const { file: name, fingerprint } = file
    const known = knownOf(name, fingerprint, analysis)
    if (!analysis.playable) log.warn({ file: name, reason: analysis.reason }, 'a file is set aside')
    if (!analysis.playable && analysis.passing)
      this.retry.failed(file, analysis.reason, this.options.clock.monotonicMs())
    else this.keep(known)
    // A look that ended meanwhile may know better: that the file is gone, or another.
    if (this.found.audio.get(name)?.fingerprint !== fingerprint) return
    this.files.set(name, stateOfKnown(known))
    this.changed()
  }

  private keep(known: KnownFile): void {
    this.retry.forget(known.file)
    try {
      this.store?.put(known)
    } catch (error) {
      this.options.log.warn(
        { file: known.file, error: (error as Error).message },
        'what was found out about a file could not be kept on disk',
      )
    }
  }

  private entry(file: string, known: Extract<KnownFile, { playable: true }>): LibraryEntry {
    const { title, artist, album, lengthSamples, loudnessLufs } = known
    const gainDb = gainFor(loudnessLufs, this.options.targetLufs)
    const durationSeconds = Math.round((lengthSamples / SAMPLE_RATE) * 1000) / 1000
    return { file, title, artist, ...(album !== undefined && { album }), durationSeconds, loudnessLufs, gainDb }
  }

  private index(): LibraryIndex {
    const { musicFolder, emergencyFile, targetLufs } = this.options
    this.current ??= new LibraryIndex({
      ...{ musicFolder, emergencyFile, targetLufs, files: this.files },
      playlists: new Map([...this.playlists].map(([file, { entries }]) => [file, entries])),
      folders: new Set(this.found.folders),
    })
    return this.current
  }

  private changed(): void {
    this.current = null
    this.shownEntries = null
    this.shownProblems = null
    for (const listener of this.listeners) listener()
  }
}

function knownOf(file: string, fingerprint: string, analysis: Analysis): KnownFile {
  if (!analysis.playable) return { file, fingerprint, playable: false, reason: analysis.reason }
  return { file, fingerprint, playable: true, ...analysis.measured, ...analysis.tags }
}

const stateOfKnown = (known: KnownFile): FileState =>
  known.playable ? { state: 'playable', known } : { state: 'set aside', reason: known.reason }

async function isStill(path: string, fingerprint: string): Promise<boolean> {
  try {
    return fingerprintOf(await stat(path)) === fingerprint
  } catch {
    return false
  }
}
