import type { FileState } from './library-index.ts'
import type { Scan } from './scan.ts'

type Looked = { files: ReadonlyMap<string, FileState>; found: Scan }

/** Whether a look through the folder found anything else than the one before: most find the same, and nobody need be told. */
export function foundOther(before: Looked, after: Looked): boolean {
  if (before.files.size !== after.files.size || placesOf(before.found) !== placesOf(after.found)) return true
  for (const [name, file] of after.files) {
    const old = before.files.get(name)
    if (!old || !isSame(old, file)) return true
  }
  return false
}

function isSame(one: FileState, other: FileState): boolean {
  // What is known of an unchanged file is the same object, from the journal.
  if (one.state === 'playable') return other.state === 'playable' && one.known === other.known
  return other.state === one.state && other.reason === one.reason
}

const placesOf = ({ folders, problems }: Scan): string => JSON.stringify([folders, problems])
