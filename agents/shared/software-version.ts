import { join } from 'node:path'
import { readFileIfThere } from '../../platform/files.ts'

/** The version in the project's package.json, from the sources as from `dist/`. */
export function softwareVersion(): string {
  const candidates = ['../../package.json', '../../../package.json']
  for (const candidate of candidates) {
    const text = readFileIfThere(join(import.meta.dirname, candidate))
    if (text !== null) return (JSON.parse(text) as { version: string }).version
  }
  throw new Error('package.json is not where the program was installed')
}
