import type { Dirent, Stats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fingerprintOf } from '../../platform/fingerprint.ts'

export type FoundFile = { file: string; bytes: number; modifiedMs: number; fingerprint: string }
export type FileProblem = { file: string; reason: string }
export type Scan = {
  /** Audio files, by path relative to the music folder. */
  audio: Map<string, FoundFile>
  playlists: Map<string, FoundFile>
  /** Folders, relative, the music folder ('') first. */
  folders: string[]
  problems: FileProblem[]
}

const AUDIO = new Set(
  ['mp3', 'aac', 'm4a', 'm4b', 'mp4', 'flac', 'ogg', 'oga', 'opus', 'wav', 'aif', 'aiff', 'wma'].map(
    (name) => `.${name}`,
  ),
)
const PLAYLISTS = new Set(['.m3u', '.m3u8', '.pls', '.xspf'])
const DEPTH_MAX = 32
const FILES_MAX = 200_000
/** Directory entries looked at side by side. */
const LOOKS_AT_ONCE = 64

/**
 * Looks through the music folder without reading a file. Follows links, each folder once; leaves out what begins with a dot.
 * What has an audio file's name and is none is a problem, not an error. Never rejects.
 */
export async function scan(musicFolder: string): Promise<Scan> {
  const found: Scan = { audio: new Map(), playlists: new Map(), folders: [], problems: [] }
  const seen = new Set<string>()
  const pending: { folder: string; depth: number }[] = [{ folder: '', depth: 0 }]
  while (pending.length) {
    const { folder, depth } = pending.shift()!
    let entries: Dirent[]
    try {
      const { dev, ino } = await stat(join(musicFolder, folder))
      // A link back up would be an endless folder.
      if (seen.has(`${dev}-${ino}`)) continue
      seen.add(`${dev}-${ino}`)
      entries = await readdir(join(musicFolder, folder), { withFileTypes: true })
    } catch (error) {
      found.problems.push({ file: folder || '.', reason: folderProblem(error as NodeJS.ErrnoException) })
      continue
    }
    found.folders.push(folder)
    const visible = entries.filter((entry) => !entry.name.startsWith('.'))
    for (let from = 0; from < visible.length; from += LOOKS_AT_ONCE) {
      const batch = visible.slice(from, from + LOOKS_AT_ONCE)
      const looks = await Promise.all(batch.map((entry) => look(musicFolder, folder, entry)))
      for (const { file, stats } of looks.filter((one) => one !== null)) {
        if (stats instanceof Error) found.problems.push({ file, reason: fileProblem(stats, file) })
        else if (stats.isDirectory()) {
          if (depth < DEPTH_MAX) pending.push({ folder: file, depth: depth + 1 })
          else found.problems.push({ file, reason: `It lies more than ${DEPTH_MAX} folders deep.` })
        } else if (isNamed(file)) add(found, file, stats)
      }
    }
    if (found.audio.size >= FILES_MAX) {
      found.problems.push({ file: '.', reason: `More than ${FILES_MAX} files: the rest is left out.` })
      break
    }
  }
  return found
}

/** A look at an entry that could matter; null for others, which cost no look. */
async function look(
  musicFolder: string,
  folder: string,
  entry: Dirent,
): Promise<{ file: string; stats: Stats | Error } | null> {
  const file = folder ? `${folder}/${entry.name}` : entry.name
  if (!entry.isDirectory() && !entry.isSymbolicLink() && !isNamed(file)) return null
  try {
    return { file, stats: await stat(join(musicFolder, file)) }
  } catch (error) {
    return isNamed(file) ? { file, stats: error as Error } : null
  }
}

function add(found: Scan, file: string, stats: Stats): void {
  if (!stats.isFile()) {
    const what = stats.isFIFO() ? 'a named pipe' : stats.isSocket() ? 'a socket' : 'a device'
    found.problems.push({ file, reason: `It is ${what}, not a file.` })
    return
  }
  const { size: bytes, mtimeMs: modifiedMs } = stats
  const place = isAudio(file) ? found.audio : found.playlists
  place.set(file, { file, bytes, modifiedMs, fingerprint: fingerprintOf(stats) })
}

const isAudio = (file: string): boolean => AUDIO.has(extname(file).toLowerCase())
const isNamed = (file: string): boolean => isAudio(file) || PLAYLISTS.has(extname(file).toLowerCase())

function folderProblem(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'The folder is not there.'
  if (error.code === 'ENOTDIR') return 'It is a file, not a folder.'
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'This user may not look into the folder.'
  return `The folder can't be read: ${error.message}.`
}

function fileProblem(error: NodeJS.ErrnoException, file: string): string {
  if (error.code === 'ENOENT' && file.includes('\ufffd')) return 'Its name is not UTF-8: rename it.'
  if (error.code === 'ENOENT') return 'It is a link to a file that is not there.'
  if (error.code === 'ELOOP') return 'It is a link that leads to itself.'
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'This user may not read it.'
  return `It can't be looked at: ${error.message}.`
}

const PLAYLIST_BYTES_MAX = 4_000_000

/** A playlist's bytes; a sentence when it can't be read or is too large to be one. */
export async function readPlaylist(musicFolder: string, found: FoundFile): Promise<Buffer | { reason: string }> {
  if (found.bytes > PLAYLIST_BYTES_MAX)
    return { reason: `It has ${Math.round(found.bytes / 1e6)} MB, more than a playlist may have.` }
  try {
    return await readFile(join(musicFolder, found.file))
  } catch (error) {
    return { reason: fileProblem(error as NodeJS.ErrnoException, found.file) }
  }
}
