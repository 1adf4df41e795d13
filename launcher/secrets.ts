import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readFileIfThere, replaceFile } from '../platform/files.ts'
import type { StationFile } from '../schemas/station.ts'

/**
 * The secrets that the programs share: from the environment where it names them, else made once and kept in the data folder (0600).
 * Throws an Error when what was kept can't be read: new secrets would lock out the nodes that have the old ones.
 */
export function secretsFor(
  station: StationFile,
  dataFolder: string,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  const path = join(dataFolder, 'secrets.json')
  const kept = readKept(path)
  const { joinTokenEnv, controlTokenEnv, playbackSecretEnv } = station.secrets
  const secrets = Object.fromEntries(
    [joinTokenEnv, controlTokenEnv, playbackSecretEnv].map((name) => [
      name,
      environment[name] ?? kept[name] ?? randomBytes(24).toString('hex'),
    ]),
  )
  const toKeep = Object.fromEntries(Object.entries(secrets).filter(([name]) => environment[name] === undefined))
  if (JSON.stringify({ ...kept, ...toKeep }) !== JSON.stringify(kept))
    replaceFile(path, JSON.stringify({ ...kept, ...toKeep }))
  return secrets
}

function readKept(path: string): Record<string, string> {
  const text = readFileIfThere(path)
  if (text === null) return {}
  try {
    return JSON.parse(text) as Record<string, string>
  } catch {
    throw new Error(`${path} is damaged; bring it back from a backup, or delete it to have new secrets made`)
  }
}
