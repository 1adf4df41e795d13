import { randomBytes } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { RtmpServerSession } from '../../../media/rtmp/server-session.ts'
import { openRtmpPublisher, type RtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { silentLog, systemClock } from './receiving-server.ts'

const STALL_MS = 200
const QUEUE_BYTES_MAX = 262_144

describe('our publisher and a server that', { timeout: 20_000 }, () => {
  const servers: { server: Server; sockets: Socket[] }[] = []
  afterEach(async () => {
    for (const { server, sockets } of servers.splice(0)) {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    }
  })

  /** A server that says nothing at first, or takes a publication and from then on does as it is told with what arrives. */
  async function startServer(
    afterConsent: 'silent' | ((socket: Socket, session: RtmpServerSession) => void),
  ): Promise<number> {
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
    servers.push({ server, sockets })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  const open = (port: number, stallMs = STALL_MS): RtmpPublisher =>
    openRtmpPublisher({
      url: `rtmp://127.0.0.1:${port}/live`,
      stream: 'high',
      clock: systemClock,
      log: silentLog,
      timeouts: { stallMs, connectMs: 1_000, closeMs: 100 },
    })

  it('reads nothing: the queue has an end, and the connection too', async () => {
    const port = await startServer((socket) => socket.pause())
    const publisher = open(port)
    await publisher.ready
    const body = Buffer.alloc(8_000, 0xaf)
    let queuedMax = 0
    let dropped = 0
    const stop = systemClock.every(1, () => {
      for (let count = 0; count < 100; count++) if (!publisher.audio(count, body)) dropped += 1
      queuedMax = Math.max(queuedMax, publisher.queuedBytes)
    })
    const reason = await publisher.closed
    stop()
    expect(reason).toMatch(/^the server took nothing for \d+ s, \d+ bytes wait$/)
    expect(dropped).toBeGreaterThan(100)
    expect(queuedMax).toBeGreaterThan(QUEUE_BYTES_MAX / 2)
    expect(queuedMax).toBeLessThanOrEqual(QUEUE_BYTES_MAX)
    expect(publisher.queuedBytes).toBe(0)
    expect(publisher.audio(0, body)).toBe(false)
  })

  it('froze with room in the kernel’s buffers: the acknowledgements that stop give it away', async () => {
    let acknowledging = true
    const port = await startServer((socket, session) => {
      socket.on('data', (bytes: Buffer) => {
        if (!acknowledging) return
        session.receive(bytes)
        const answer = session.takeOutput()
        if (answer) socket.write(answer)
      })
    })
    const publisher = open(port)
    await publisher.ready
    let sent = 0
    const stop = systemClock.every(2, () => {
      publisher.audio(sent * 21, Buffer.alloc(2_000, 0xaf))
      sent += 1
      if (sent === 30) acknowledging = false
    })
    const reason = await publisher.closed
    stop()
    expect(reason).toMatch(/^the server acknowledged nothing for/)
    expect(sent).toBeGreaterThan(30)
  })

  it('is slow but reads: everything arrives in order', async () => {
    const heard: number[] = []
    let finished: () => void = () => {}
    const all = new Promise<void>((resolve) => {
      finished = resolve
    })
    const port = await startServer((socket, session) => {
      socket.pause()
      // One read, then a pause: the publisher's queue fills and drains again and again.
      const stop = systemClock.every(2, () => {
        const bytes = socket.read() as Buffer | null
        for (const event of bytes ? session.receive(bytes) : [])
          if (event.type === 'audio') heard.push(event.body.readUInt32BE(0))
        if (heard.length === 1_000) {
          stop()
          finished()
        }
      })
    })
    const publisher = open(port, 10_000)
    await publisher.ready
    let sent = 0
    const stop = systemClock.every(1, () => {
      for (let count = 0; count < 40 && sent < 1_000; count++) {
        const body = Buffer.alloc(6_000)
        body.writeUInt32BE(sent)
        if (!publisher.audio(sent * 21, body)) return
        sent += 1
      }
    })
    await all
    stop()
    await publisher.close()
    expect(heard).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })

  it('accepts and says nothing: it gives up in time', async () => {
    const publisher = open(await startServer('silent'))
    await expect(publisher.ready).rejects.toThrow('no consent to publish within 1000 ms')
    expect(await publisher.closed).toBe('no consent to publish within 1000 ms')
  })

  it('is not there: it says so; and an address that is none is refused at once', async () => {
    const port = await startServer('silent')
    const { server } = servers.splice(0)[0]!
    await new Promise((closed) => server.close(closed))
    await expect(open(port).ready).rejects.toThrow('ECONNREFUSED')
    const wrong = { stream: 's', clock: systemClock, log: silentLog }
    expect(() => openRtmpPublisher({ url: 'http://127.0.0.1/live', ...wrong })).toThrow(
      'rtmp://host[:port]/application',
    )
    expect(() => openRtmpPublisher({ url: 'nonsense', ...wrong })).toThrow(TypeError)
  })

  it('breaks off in the middle: it is told, and closing afterwards is harmless', async () => {
    const port = await startServer((socket) => socket.resetAndDestroy())
    const publisher = open(port)
    await publisher.ready.catch(() => {})
    expect(await publisher.closed).toMatch(/broke|lost|closed/)
    await publisher.close()
    await publisher.close()
    expect(publisher.state).toBe('closed')
  })
})
