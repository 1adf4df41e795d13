import { stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { loadStationFile } from '../../platform/station-file.ts'
import type { StationFile } from '../../schemas/station.ts'
import type { Analyser } from '../library/analyse.ts'

export type StationCheck = {
  /** Each is a sentence, and a reason not to go on air. */
  problems: string[]
  /** Odd, but it can be played. */
  warnings: string[]
}

export type StationCheckOptions = {
  stationPath: string
  /** In the place of the one that the station file names. */
  musicFolder: string | null
  clock: Clock
  signal: AbortSignal
  analyse: Analyser
}

/**
 * What must be right before a station goes on air: the station file, the music folder, and that the emergency file decodes
 * from end to end. Rejects only with the signal's reason.
 */
export async function checkStation(options: StationCheckOptions): Promise<StationCheck> {
  const loaded = loadStationFile(options.stationPath)
  if (!loaded.ok) return { problems: loaded.problems, warnings: [] }
  const { station, warnings } = loaded
  const musicFolder = options.musicFolder === null ? station.musicFolder : resolve(options.musicFolder)
  if (musicFolder === null) return { problems: withoutMusic(station), warnings }
  const folder = await folderProblem(musicFolder)
  if (folder) return { problems: [`musicFolder: ${folder}`], warnings }
  const missing = await missingSources(station, musicFolder)
  return { problems: await emergencyProblems(station, musicFolder, options), warnings: [...warnings, ...missing] }
}

/** Demo programmes are played: they bring an emergency file of their own. */
function withoutMusic({ emergencyFile }: StationFile): string[] {
  if (emergencyFile === null) return []
  return [
    `emergencyFile: "${emergencyFile}" is relative to the music folder, and none is named; name one, like musicFolder: /srv/music`,
  ]
}

async function emergencyProblems(
  { emergencyFile }: StationFile,
  musicFolder: string,
  { clock, signal, analyse }: StationCheckOptions,
): Promise<string[]> {
  if (emergencyFile === null) return []
  const path = resolve(musicFolder, emergencyFile)
  const named = `emergencyFile: "${emergencyFile}"`
  const stats = await stat(path).catch(() => null)
  if (!stats) return [`${named} is not there; it is looked for at ${path}`]
  if (!stats.isFile()) return [`${named} is not a file`]
  const analysis = await analyse({ path, bytes: stats.size }, { clock, signal })
  return analysis.playable ? [] : [`${named} can't be played. ${analysis.reason}`]
}

async function folderProblem(folder: string): Promise<string | null> {
  const stats = await stat(folder).catch((error: NodeJS.ErrnoException) => error)
  if (stats instanceof Error)
    return stats.code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} can't be read: ${stats.message}`
  return stats.isDirectory() ? null : `${folder} is a file; name the folder that the music lies in`
}

/** Sources that name nothing: the rotation, or the emergency file, would play in their place. */
async function missingSources({ programme }: StationFile, musicFolder: string): Promise<string[]> {
  const sources = [
    { path: 'programme.rotation.source', source: programme.rotation.source },
    { path: 'programme.jingles.source', source: programme.jingles?.source },
    ...programme.shows.map(({ source }, index) => ({ path: `programme.shows[${index}].source`, source })),
    ...programme.fixed.map(({ source }, index) => ({ path: `programme.fixed[${index}].source`, source })),
  ]
  const warnings: string[] = []
  for (const { path, source } of sources) {
    const name = source?.folder ?? source?.playlist ?? source?.file
    if (name === undefined) continue
    const place = resolve(musicFolder, name)
    const inside = relative(musicFolder, place)
    if (inside === '..' || inside.startsWith('../')) warnings.push(`${path}: "${name}" lies outside the music folder`)
    else if (!(await stat(place).catch(() => null)))
      warnings.push(`${path}: "${name}" is not in the music folder; other programme is played in its place`)
  }
  return warnings
}
