import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { SourceReference, StationFile } from '../../schemas/station.ts'
import type { Analyser } from '../library/analyse.ts'
import { Library, type LibraryEntry } from '../library/library.ts'
import type { LibraryView, ResolvedSource } from '../schedule/library-view.ts'

/** The library that the station file names, as far as planner and API need to know. */
export type MusicLibrary = LibraryView & {
  /** Another text whenever the answers may differ; null until the folder was looked through once, and there is something to plan with. */
  version(): string | null
  entries(): LibraryEntry[]
  problems(): { file: string; reason: string }[]
  /** What it is still busy with, in a sentence; null when it is at rest. */
  note(): string | null
  /** The station file may name another folder now. */
  stationChanged(): void
  stop(): Promise<void>
}

export type MusicLibraryOptions = {
  station(): StationFile
  dataFolder: string
  clock: Clock
  log: Logger
  /** Something in the library changed. */
  onChange(): void
  analyse?: Analyser
}

/** A plan of one song repeats it: at a first start so many are waited for, and no longer than that. */
const FIRST_SONGS = 3
const FIRST_SONGS_WAIT_MS = 12_000

const NO_FOLDER: ResolvedSource = {
  playables: [],
  unplayable: [],
  problem: 'no music folder is set: name one in the station file (musicFolder) or start with --music DIR',
}

/** Loaded with the first file to analyse: most starts find none, and it brings a tag reader and a decoder with it. */
const analyseWhenNeeded: Analyser = async (file, ports) => (await import('../library/analyse.ts')).analyse(file, ports)

/** Opens the library of the station's music folder, and another one when the station file says so. */
export function openMusicLibrary(options: MusicLibraryOptions): MusicLibrary {
  type Opened = { settings: string; library: Library | null; ready: boolean; readyAtMs: number; canPlan: boolean }
  let opened: Opened = open()
  const closing = new Set<Promise<void>>()

  function open(): Opened {
    const { musicFolder, emergencyFile, audio } = options.station()
    const settings = settingsOf(options.station())
    if (musicFolder === null) return { settings, library: null, ready: true, readyAtMs: 0, canPlan: true }
    const { dataFolder, clock, log } = options
    const next: Opened = {
      settings,
      ready: false,
      readyAtMs: 0,
      canPlan: false,
      library: new Library({
        musicFolder,
        emergencyFile,
        dataFolder,
        targetLufs: audio.targetLufs,
        clock,
        log,
        analyse: options.analyse ?? analyseWhenNeeded,
      }),
    }
    next.library!.onChange(() => next.ready && opened === next && options.onChange())
    next.library!.start().then(
      () => {
        next.ready = true
        next.readyAtMs = clock.monotonicMs()
        if (opened === next) options.onChange()
      },
      (error: Error) => log.error({ error: error.stack }, 'the library could not be opened'),
    )
    return next
  }
  const { log } = options

  function hasEnough({ library, readyAtMs }: Opened): boolean {
    if (!library || library.waiting() === 0) return true
    if (options.clock.monotonicMs() - readyAtMs >= FIRST_SONGS_WAIT_MS) return true
    const { playables } = library.resolve(options.station().programme.rotation.source ?? null)
    return playables.length >= FIRST_SONGS
  }

  return {
    resolve: (source: SourceReference | null) => opened.library?.resolve(source) ?? NO_FOLDER,
    version() {
      opened.canPlan ||= opened.ready && hasEnough(opened)
      return opened.canPlan ? `${opened.settings} ${opened.library?.version() ?? ''}` : null
    },
    entries: () => opened.library?.entries() ?? [],
    problems: () => opened.library?.problems() ?? [],
    note() {
      if (!opened.library) return `Nothing can be played: ${NO_FOLDER.problem}.`
      if (!opened.ready) return 'The music folder is being looked through for the first time.'
      const waiting = opened.library.waiting()
      return waiting > 0 ? `${waiting} ${waiting === 1 ? 'file waits' : 'files wait'} to be analysed.` : null
    },
    stationChanged() {
      if (settingsOf(options.station()) === opened.settings) return
      const before = opened.library
      opened = open()
      if (!before) return
      const end = before
        .stop()
        .catch((error: Error) => log.warn({ error: error.message }, 'the old library ended badly'))
      closing.add(end)
      void end.then(() => closing.delete(end))
    },
    async stop() {
      await Promise.all([opened.library?.stop(), ...closing])
    },
  }
}

const settingsOf = ({ musicFolder, emergencyFile, audio }: StationFile): string =>
  JSON.stringify([musicFolder, emergencyFile, audio.targetLufs])
