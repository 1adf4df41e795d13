import { afterEach, describe, expect, it } from 'vitest'
import { openRtmpPublisher, type RtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { type AfterConsent, startConsentingServer } from './consenting-server.ts'
import { silentLog, systemClock } from './receiving-server.ts'

const STALL_MS = 200
const QUEUE_BYTES_MAX = 262_144

describe('our publisher and a server that', { timeout: 20_000 }, () => {
  const servers: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })

  async function startServer(afterConsent: AfterConsent): Promise<number> {
    const server = await startConsentingServer(afterConsent)
    servers.push(server)
    return server.port
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
    await servers.pop()!.close()
    await expect(open(port).ready).rejects.toThrow('ECONNREFUSED')
    const wrong = { stream: 's', clock: systemClock, log: silentLog }
    expect(() => openRtmpPublisher({ url: 'http://127.0.0.1/live', ...wrong })).toThrow(
      'rtmp://host[:port]/application',
    )
    expect(() => openRtmpPublisher({ url: 'nonsense', ...wrong })).toThrow(TypeError)
  })

  it('hangs up without a word: it is told', async () => {
    const publisher = open(await startServer((socket) => socket.end()))
    await publisher.ready
    expect(await publisher.closed).toBe('the server closed the connection')
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
