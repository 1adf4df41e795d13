import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'

/**
 * Takes a folder for this process alone, until it ends, however that is. False when another process of this machine has it. The lock is a
 * name in Linux's abstract socket namespace: nothing is left behind, and a disk that fails does not matter. Elsewhere all may have it.
 */
export function lockFolder(folder: string): Promise<boolean> {
  const name = createHash('sha256').update(realPathOf(folder)).digest('hex')
  const server = createServer((socket) => socket.destroy())
  server.unref()
  return new Promise((taken) => {
    server.once('error', (error: NodeJS.ErrnoException) => taken(error.code !== 'EADDRINUSE'))
    server.listen(`\0airtight-${name}`, () => taken(true))
  })
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return resolve(folder)
  }
}
