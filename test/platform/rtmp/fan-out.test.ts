import { expect, it } from 'vitest'
import { aacFrameBody } from '../../../media/flv-audio.ts'
import { openRtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { startConsentingServer } from './consenting-server.ts'
import { silentLog, startTestServer, systemClock } from './receiving-server.ts'

const TARGETS = 6
const FRAMES = 3_000

it('six targets, one of which reads nothing: the others hear every frame, and nobody waits for the one', {
  timeout: 20_000,
}, async () => {
  const server = await startTestServer()
  const stalled = await startConsentingServer((socket) => socket.pause())
  const open = (port: number, stream: string) =>
    openRtmpPublisher({ url: `rtmp://127.0.0.1:${port}/live`, stream, clock: systemClock, log: silentLog })
  const deaf = open(stalled.port, 'deaf')
  const targets = Array.from({ length: TARGETS - 1 }, (_, index) => open(server.port, `target-${index}`))
  try {
    await Promise.all([deaf, ...targets].map(({ ready }) => ready))
    let sent = 0
    let deafDropped = 0
    let othersDropped = 0
    const stop = systemClock.every(2, () => {
      // Twelve megabytes in all: more than the kernel takes for one that does not read.
      for (let count = 0; count < 10 && sent < FRAMES; count++, sent++) {
        const unit = Buffer.alloc(4_000)
        unit.writeUInt32BE(sent)
        const body = aacFrameBody(unit)
        if (!deaf.audio(sent * 21, body)) deafDropped += 1
        for (const target of targets) if (!target.audio(sent * 21, body)) othersDropped += 1
      }
    })
    const publications = await Promise.all(targets.map((_, index) => server.publication(index)))
    await Promise.all(publications.map((publication) => publication.received(FRAMES)))
    stop()
    expect(othersDropped).toBe(0)
    const all = Array.from({ length: FRAMES }, (_, index) => index)
    for (const { audio } of publications) expect(audio.map(({ body }) => body.readUInt32BE(2))).toEqual(all)
    expect(deafDropped).toBeGreaterThan(0)
    expect(deaf.state).toBe('publishing')
    expect(deaf.queuedBytes).toBeLessThanOrEqual(262_144)
  } finally {
    await Promise.all(targets.map((target) => target.close()))
    await deaf.close()
    await stalled.close()
    await server.close()
  }
})
