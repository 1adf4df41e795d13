import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Type, { type Static } from 'typebox'
import type { Clock } from '../../platform/clock.ts'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Processes } from '../../platform/processes.ts'
import { check } from '../../schemas/check.ts'
import { compose, composeLoop } from './compose.ts'
import { EMERGENCY_FILE, IDENTS_FOLDER, JINGLES_FOLDER, MUSIC_FOLDER, NIGHT_PLAYLIST } from './demo-programme.ts'
import { encode } from './encode.ts'
import { composeJingle, type Jingle, jingles, topOfTheHour } from './jingles.ts'
import { emergencyPiece, type Piece, pieces } from './pieces.ts'
import { spoken } from './spoken.ts'
import { type Canvas, toPcm } from './synthesizer.ts'

/** Raised when the set sounds different: an older set is then made anew. */
const DEMO_VERSION = 1
const MARKER = '.demo-set.json'
const MAKING = '.making'
/** Encoders that run beside the composing, which has a core to itself. */
const ENCODERS_MAX = 2

const Marker = Type.Object({ version: Type.Integer(), files: Type.Record(Type.String(), Type.Integer()) })

/** Tells a file's relative path, how to compose it, and its tags. */
type Work = { file: string; compose: () => Canvas | Promise<Canvas>; tags: Record<string, string> }

/**
 * Makes the demo programmes in a folder (music/, jingles/, idents/, a playlist, the emergency file) and answers true; leaves
 * a complete set alone and answers false; of a damaged set only what is missing is made. Files appear whole, by a rename,
 * and the set counts as complete only when all are there. Rejects when ffmpeg is missing or fails, or the disk is full.
 */
export async function makeDemo(ports: { clock: Clock; processes: Processes }, folder: string): Promise<boolean> {
  const sizes = intactFiles(folder)
  const missing = works(ports).filter((work) => sizes[work.file] === undefined)
  if (!missing.length && sizes[NIGHT_PLAYLIST] !== undefined) return false
  const making = join(folder, MAKING)
  rmSync(making, { recursive: true, force: true })
  const place = (file: string): void => {
    sizes[file] = statSync(join(making, file)).size
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    renameSync(join(making, file), join(folder, file))
  }
  try {
    mkdirSync(making, { recursive: true })
    await makeAll(ports, missing, making)
    for (const work of missing) place(work.file)
    writeFileSync(join(making, NIGHT_PLAYLIST), nightPlaylist())
    place(NIGHT_PLAYLIST)
    replaceFile(join(folder, MARKER), `${JSON.stringify({ version: DEMO_VERSION, files: sizes }, null, 1)}\n`)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return true
}

/** Composes one piece after the other while those before it are being encoded. */
async function makeAll(ports: { clock: Clock; processes: Processes }, works: Work[], making: string): Promise<void> {
  const encoding = new Set<Promise<void>>()
  try {
    for (const work of works) {
      const draft = join(making, work.file)
      mkdirSync(dirname(draft), { recursive: true })
      const done = encode(ports, toPcm(await work.compose()), draft, work.tags).finally(() => encoding.delete(done))
      encoding.add(done)
      if (encoding.size >= ENCODERS_MAX) await Promise.race(encoding)
    }
    await Promise.all(encoding)
  } finally {
    await Promise.allSettled(encoding)
  }
}

/** The sizes of those files of the set that are there as they were made. */
function intactFiles(folder: string): Record<string, number> {
  const marker = readMarker(folder)
  const isIntact = ([file, size]: [string, number]): boolean =>
    statSync(join(folder, file), { throwIfNoEntry: false })?.size === size
  return marker?.version === DEMO_VERSION ? Object.fromEntries(Object.entries(marker.files).filter(isIntact)) : {}
}

function readMarker(folder: string): Static<typeof Marker> | undefined {
  try {
    const marker = check(Marker, JSON.parse(readFileIfThere(join(folder, MARKER)) ?? 'null'))
    return marker.ok ? marker.value : undefined
  } catch {
    // Cut short by a full disk or a person: the set is made anew.
    return undefined
  }
}

/** What the station needs first comes first: the emergency file, idents and jingles, then the pieces. */
function works(ports: { clock: Clock; processes: Processes }): Work[] {
  const jingleWork = (jingle: Jingle, folder: string): Work => ({
    file: `${folder}/${jingle.file}`,
    compose: async () => composeJingle(jingle, await spoken(ports, jingle.words)),
    tags: { title: jingle.title, artist: 'Airtight' },
  })
  const pieceWork = (piece: Piece, file: string, composed: (piece: Piece) => Canvas): Work => ({
    file,
    compose: () => composed(piece),
    tags: { title: piece.title, artist: piece.artist, album: piece.album },
  })
  return [
    pieceWork(emergencyPiece, EMERGENCY_FILE, composeLoop),
    jingleWork(topOfTheHour, IDENTS_FOLDER),
    ...jingles.map((jingle) => jingleWork(jingle, JINGLES_FOLDER)),
    ...pieces.map((piece) => pieceWork(piece, `${MUSIC_FOLDER}/${piece.file}`, compose)),
  ]
}

function nightPlaylist(): string {
  const night = pieces.filter((piece) => piece.album.endsWith('Night'))
  const entries = night.map((piece) => `#EXTINF:-1,${piece.artist} - ${piece.title}\n${MUSIC_FOLDER}/${piece.file}`)
  return `#EXTM3U\n${entries.join('\n')}\n`
}
