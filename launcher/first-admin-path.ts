import { join } from 'node:path'
import { readFileIfThere } from '../platform/files.ts'

/** The path of the link that makes the first admin, as the control center has written it down; null when there is an admin. */
export function firstAdminPath(dataFolder: string): string | null {
  try {
    return readFileIfThere(join(dataFolder, 'control-center', 'first-admin-link'))?.trim() ?? null
  } catch {
    return null
  }
}
