import type { Stats } from 'node:fs'

/** Tells a file's content from another under the same name, without reading it: size in bytes, and when it was changed. */
export const fingerprintOf = (stats: Pick<Stats, 'size' | 'mtimeMs'>): string =>
  `${stats.size}-${Math.round(stats.mtimeMs)}`
