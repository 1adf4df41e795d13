import { createHash } from 'node:crypto'
import { accessSync, appendFileSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Type, { type Static } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import { check } from '../../schemas/check.ts'

/** What is known of a file: good as long as its fingerprint fits. */
export const KnownFile = Type.Union([
  Type.Object({
    file: Type.String(),
    fingerprint: Type.String(),
    playable: Type.Literal(true),
    cueInSample: Type.Integer({ minimum: 0 }),
    lengthSamples: Type.Integer({ minimum: 1 }),
    loudnessLufs: Type.Number(),
    truePeakDbtp: Type.Number(),
    title: Type.String(),
    artist: Type.String(),
    album: Type.Optional(Type.String()),
  }),
  Type.Object({
    file: Type.String(),
    fingerprint: Type.String(),
    playable: Type.Literal(false),
    reason: Type.String(),
  }),
])
export type KnownFile = Static<typeof KnownFile>

/** Raised when files would be measured differently: all are analysed anew then. */
const VERSION = 1
const NAME = `analysis-${VERSION}.jsonl`
/** A journal with more outdated lines than this, and than good ones, is written anew. */
const OUTDATED_LINES_MAX = 200

/**
 * The journal of analyses: one line of JSON a file, the last one counts. It lies in `.airtight/` inside the music folder,
 * so that a library moves with its music; when that can't be written to, in the program's data folder.
 */
export class AnalysisStore {
  readonly path: string
  private readonly known = new Map<string, KnownFile>()

  constructor(musicFolder: string, dataFolder: string) {
    this.path = placeFor(musicFolder, dataFolder)
    const lines = (readFileIfThere(this.path) ?? '').split('\n').filter((line) => line)
    for (const line of lines) {
      const known = parseLine(line)
      if (known) this.known.set(known.file, known)
    }
    if (lines.length - this.known.size > Math.max(OUTDATED_LINES_MAX, this.known.size)) this.rewrite()
  }

  get(file: string, fingerprint: string): KnownFile | undefined {
    const known = this.known.get(file)
    return known?.fingerprint === fingerprint ? known : undefined
  }

  /** Throws the file system's error (a full disk); the analysis is then known until the program ends. */
  put(known: KnownFile): void {
    this.known.set(known.file, known)
    mkdirSync(dirname(this.path), { recursive: true })
    // The line break comes first too: a line that a crash cut short spoils none but itself.
    appendFileSync(this.path, `\n${JSON.stringify(known)}\n`)
  }

  private rewrite(): void {
    try {
      replaceFile(this.path, `${[...this.known.values()].map((known) => JSON.stringify(known)).join('\n')}\n`, 0o644)
    } catch {
      // It is only longer than it need be.
    }
  }
}

function placeFor(musicFolder: string, dataFolder: string): string {
  const beside = join(musicFolder, '.airtight')
  try {
    mkdirSync(beside)
    return join(beside, NAME)
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST'
    if (isThere && isWritable(beside)) return join(beside, NAME)
    const folderName = createHash('sha256').update(musicFolder).digest('hex').slice(0, 16)
    return join(dataFolder, 'library', folderName, NAME)
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}

function parseLine(line: string): KnownFile | undefined {
  try {
    const checked = check(KnownFile, JSON.parse(line))
    return checked.ok ? checked.value : undefined
  } catch {
    return undefined
  }
}
