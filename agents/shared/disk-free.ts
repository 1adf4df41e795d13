import { statfsSync } from 'node:fs'

/** 0 when it can't be told: then nobody takes the node for one that has room. */
export function diskFreeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return 0
  }
}
