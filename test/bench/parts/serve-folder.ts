import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import type { World } from './world.ts'

/** The files of one folder over HTTP; resolves with the address, without a slash at its end. */
export async function serveFolder(world: World, folder: string): Promise<string> {
  const server = createServer((request, response) => {
    const name = basename(new URL(request.url ?? '/', 'http://any').pathname)
    readFile(join(folder, name)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  world.atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}
