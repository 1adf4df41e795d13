import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { FrameWaiters } from '../../playout/http/frame-waiters.ts'
import { createServer, type Station } from '../../playout/http/server.ts'
import { silentLog } from '../platform/rtmp/receiving-server.ts'

const station = {
  controlToken: 'secret',
  spools: new Map(),
  waiters: new FrameWaiters(systemClock, 10),
  targets: () => ({ version: 0, targets: [], peers: [] }),
  health: () => ({ ok: true, reason: 'On air.' }),
} as unknown as Station

let app: ReturnType<typeof createServer>
afterEach(() => app.close())

/** Says that megabytes will come, sends none of them, and reads the answer. */
async function announce(path: string, token: string): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  socket.write(
    `PUT ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 9000000\r\n\r\n`,
  )
  const answer = await new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())))
  socket.destroy()
  return answer
}

describe('the API', () => {
  it.each(['/rundown', '/targets'])('refuses a stranger at %s before it reads a byte of the body', async (path) => {
    app = createServer(station, silentLog)
    expect(await announce(path, 'wrong')).toMatch(/^HTTP\/1.1 401 /)
  })

  it('takes no megabytes where none belong', async () => {
    app = createServer(station, silentLog)
    expect(await announce('/re-anchor', 'secret')).toMatch(/^HTTP\/1.1 (404|413) /)
  })
})
