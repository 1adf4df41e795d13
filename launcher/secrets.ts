import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readFileIfThere, replaceFile } from '../platform/files.ts'
import type { StationFile } from '../schemas/station.ts'

/** The secrets that the programs share: from the environment where it names them, else made once and kept in the data folder (0600). */
export function secretsFor(
  station: StationFile,
  dataFolder: string,
  environment: NodeJS.ProcessEnv,
): Record<string, string> {
  const path = join(dataFolder, 'secrets.json')
  const kept = JSON.parse(readFileIfThere(path) ?? '{}') as Record<string, string>
  const { joinTokenEnv, controlTokenEnv } = station.secrets
  const secrets = Object.fromEntries(
    [joinTokenEnv, controlTokenEnv].map((name) => [
      name,
      environment[name] ?? kept[name] ?? randomBytes(24).toString('hex'),
    ]),
  )
  const toKeep = Object.fromEntries(Object.entries(secrets).filter(([name]) => environment[name] === undefined))
  if (JSON.stringify({ ...kept, ...toKeep }) !== JSON.stringify(kept))
    replaceFile(path, JSON.stringify({ ...kept, ...toKeep }))
  return secrets
}
