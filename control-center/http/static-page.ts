import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

/** One file of a built page, held in memory. `gzipped` is null where it would save nothing. */
export type StaticFile = {
  body: Buffer
  gzipped: Buffer | null
  type: string
  etag: string
  cacheControl: string
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** Named after their content, so that they never change. */
const HASHED_FOLDER = 'assets/'
const FILE_BYTES_MAX = 4 * 1024 * 1024

/** A built page's files by their path below the folder, with forward slashes. Empty when the page has not been built. */
export function readStaticPage(folder: string): Map<string, StaticFile> {
  if (!existsSync(folder)) return new Map()
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    entries.flatMap((entry) => {
      const path = join(entry.parentPath, entry.name)
      const type = TYPES[extname(path)]
      if (!type) return []
      const name = relative(folder, path).split(sep).join('/')
      return [[name, staticFile(name, type, readFileSync(path))] as const]
    }),
  )
}

function staticFile(name: string, type: string, body: Buffer): StaticFile {
  if (body.length > FILE_BYTES_MAX) throw new Error(`${name} has ${body.length} bytes: a page's file has at most 4 MiB`)
  const gzipped = gzipSync(body, { level: 9 })
  return {
    body,
    gzipped: gzipped.length < body.length ? gzipped : null,
    type,
    etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`,
    cacheControl: name.startsWith(HASHED_FOLDER) ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
}
