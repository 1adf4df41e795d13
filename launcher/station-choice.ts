import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readFileIfThere, replaceFile } from '../platform/files.ts'
import type { LaunchOptions } from './options.ts'

/**
 * The station file to use. Without `--station` it lies in the data folder: the shipped example, whose programme suits the demo audio; for a
 * music folder of one's own, one whose rotation plays all that is in it. A file that its owner has changed is left as it is.
 */
export function chooseStationFile(options: LaunchOptions, projectFolder: string): string {
  if (options.stationFile !== null) return options.stationFile
  mkdirSync(options.dataFolder, { recursive: true })
  const path = join(options.dataFolder, 'station.yaml')
  const example = readFileIfThere(join(projectFolder, 'deploy/station.example.yaml')) ?? ''
  const wanted = options.musicFolder === null ? example : PLAIN_STATION
  const present = readFileIfThere(path)
  if (present === null || (present !== wanted && (present === example || present === PLAIN_STATION)))
    replaceFile(path, wanted, 0o644)
  return path
}

const PLAIN_STATION = `# A station that plays all that is in its music folder, shuffled.
# deploy/station.example.yaml explains every field: shows, jingles, fixed times, loudness, renditions and more.
name: Airtight Radio
`
