import { aacFrameBody } from '../../../media/flv-audio.ts'
import { openRtmpPublisher } from '../../../platform/rtmp/publisher.ts'
import { type Publication, silentLog, type startTestServer, systemClock } from './receiving-server.ts'

/**
 * A decent publication that goes on while others misbehave: a numbered frame every 5 ms. `finish` answers the numbers that
 * arrived and those that were sent.
 */
export async function startWitness(server: Awaited<ReturnType<typeof startTestServer>>) {
  const publisher = openRtmpPublisher({
    url: `rtmp://127.0.0.1:${server.port}/live`,
    stream: 'witness',
    clock: systemClock,
    log: silentLog,
  })
  await publisher.ready
  const publication: Publication = await server.publication(0)
  let sent = 0
  const stop = systemClock.every(5, () => {
    const unit = Buffer.alloc(4)
    unit.writeUInt32BE(sent)
    if (publisher.audio(sent * 21, aacFrameBody(unit))) sent += 1
  })
  return {
    async finish(): Promise<{ sent: number[]; arrived: number[] }> {
      await Promise.race([publication.received(10), publication.ended])
      stop()
      await publisher.close()
      await publication.ended
      const arrived = publication.audio.map(({ body }) => body.readUInt32BE(2))
      return { sent: Array.from({ length: sent }, (_, index) => index), arrived }
    },
  }
}
