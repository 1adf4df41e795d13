import { randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { RtmpServerSession } from '../../../media/rtmp/server-session.ts'

/** What a server does with a connection once it has consented to a publication; `silent` never even answers. */
export type AfterConsent = 'silent' | ((socket: Socket, session: RtmpServerSession) => void)

/** A server that takes a publication and from then on behaves as a test wishes. */
export async function startConsentingServer(afterConsent: AfterConsent) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    if (afterConsent === 'silent') return
    const session = new RtmpServerSession({ limits: RTMP_LIMITS, random: randomBytes })
    const greet = (bytes: Buffer): void => {
      const asked = session.receive(bytes).some(({ type }) => type === 'publish')
      if (asked) session.accept()
      const answer = session.takeOutput()
      if (answer) socket.write(answer)
      if (!asked) return
      socket.off('data', greet)
      afterConsent(socket, session)
    }
    socket.on('data', greet)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}
