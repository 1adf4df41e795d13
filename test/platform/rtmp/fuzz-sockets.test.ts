import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { mutate } from '../../media/rtmp/mutate.ts'
import { hastyHandshake, RawPeer } from '../../media/rtmp/raw-peer.ts'
import { SeededRandom } from '../../media/rtmp/seeded-random.ts'
import { openRawSocket } from './raw-socket.ts'
import { startTestServer } from './receiving-server.ts'
import { startWitness } from './witness.ts'

const VISITS_AT_ONCE = 20
const WAVES = 10
/** A loaded machine takes ten times as long as an idle one. */
const PATIENCE_MS = 20_000
/** Of the process with this test in it: what twenty visits may hold at a time, and what the collector leaves lying. */
const GROWTH_BYTES_MAX = 24_000_000

describe(`${VISITS_AT_ONCE * WAVES} damaged visits over sockets`, () => {
  it(
    'leave the server alive, its memory flat, its log short, and another publication whole',
    async () => {
      const lines: string[] = []
      const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
      const server = await startTestServer(
        (request) =>
          request.stream === 'witness' || request.stream === 'guest' ? null : { refuse: 'Unknown stream.' },
        { handshakeMs: 300, commandMs: 300, lingerMs: 20 },
        log,
      )
      try {
        const witness = await startWitness(server)
        const random = new SeededRandom(42)
        const handshakeBytes = hastyHandshake().length
        let afterFirstWaveBytes = 0
        for (let wave = 0; wave < WAVES; wave++) {
          const visits = Array.from({ length: VISITS_AT_ONCE }, async () => {
            const peer = new RawPeer()
            const frames = Array.from({ length: 200 }, (_, index) => peer.audio(index * 21))
            const visit = Buffer.concat([peer.toPublish('guest'), ...frames])
            const words = mutate(visit.subarray(handshakeBytes), random)
            const guest = await openRawSocket(server.port)
            guest.socket.end(Buffer.concat([visit.subarray(0, handshakeBytes), words]))
            await guest.closed
          })
          await Promise.all(visits)
          for (const publication of server.publications.slice(1)) await publication.ended
          server.publications.length = 1
          if (wave === 0) afterFirstWaveBytes = heldBytes()
        }
        expect(heldBytes() - afterFirstWaveBytes).toBeLessThan(GROWTH_BYTES_MAX)
        expect(lines.length).toBeLessThanOrEqual(12)
        const { sent, arrived } = await witness.finish()
        expect(arrived).toEqual(sent)
      } finally {
        await server.close()
      }
    },
    PATIENCE_MS,
  )
})

function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
