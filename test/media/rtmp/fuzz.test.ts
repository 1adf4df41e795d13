import { describe, expect, it } from 'vitest'
import { parseFlvAudio } from '../../../media/flv-audio.ts'
import { encodeAmf0 } from '../../../media/rtmp/amf0-encode.ts'
import { RtmpClientSession } from '../../../media/rtmp/client-session.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { MESSAGE } from '../../../media/rtmp/message.ts'
import { RtmpServerSession, type ServerEvent } from '../../../media/rtmp/server-session.ts'
import { mutate } from './mutate.ts'
import { hastyHandshake, RawPeer } from './raw-peer.ts'
import { SeededRandom } from './seeded-random.ts'

const ROUNDS = 4_000

/** A whole visit of an encoder, with everything that the protocol has. */
function validVisit(): Buffer {
  const peer = new RawPeer()
  const window = Buffer.from([0, 0, 8, 0])
  const metadata = encodeAmf0(['@setDataFrame', 'onMetaData', { title: 'a', list: [1, null], when: new Date(0) }])
  const words = [
    peer.toPublish(),
    peer.message(MESSAGE.setChunkSize, 0, Buffer.from([0, 0, 0, 128]), 0, 2),
    peer.message(MESSAGE.windowAckSize, 0, window, 0, 2),
    peer.message(MESSAGE.dataAmf0, 1, metadata),
    peer.message(MESSAGE.userControl, 0, Buffer.from([0, 6, 0, 0, 0, 1]), 0, 2),
    peer.audio(0xffffff, Buffer.alloc(600, 0xaf)),
    peer.message(MESSAGE.abort, 0, Buffer.from([0, 0, 0, 9]), 0, 2),
    peer.audio(0xffffff + 21, Buffer.alloc(300, 0xaf)),
    peer.command(1, 'closeStream', 6, null),
    peer.command(1, 'publish', 7, null, 'again', 'live'),
    peer.audio(0x1000100, Buffer.alloc(40, 0xaf)),
    peer.command(0, 'deleteStream', 8, null, 1),
  ]
  return Buffer.concat(words)
}

describe(`${ROUNDS} visits with damaged bytes`, { timeout: 20_000 }, () => {
  it('to our server: no exception, media only while publishing, memory and answers within the limits', () => {
    const random = new SeededRandom(20_261_120)
    const visit = validVisit()
    const handshakeBytes = hastyHandshake().length
    const seen = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round++) {
      // Most damage goes behind the handshake, where the interesting bytes are.
      const damaged =
        round % 10 === 0
          ? mutate(visit, random)
          : Buffer.concat([visit.subarray(0, handshakeBytes), mutate(visit.subarray(handshakeBytes), random)])
      const session = new RtmpServerSession({ limits: RTMP_LIMITS, random: (length) => random.bytes(length) })
      let publishing = false
      const check = (events: readonly ServerEvent[]): void => {
        for (const event of events) {
          seen.set(event.type, (seen.get(event.type) ?? 0) + 1)
          if (event.type === 'ended' || event.type === 'close') publishing = false
          if (event.type === 'audio' || event.type === 'data') expect(publishing).toBe(true)
          if (event.type === 'audio') parseFlvAudio(event.body)
          if (event.type === 'publish') {
            publishing = true
            check(session.accept())
          }
        }
      }
      for (let at = 0; at < damaged.length; ) {
        const length = 1 + random.below(1_500)
        check(session.receive(damaged.subarray(at, at + length)))
        at += length
        expect(session.bufferedBytes).toBeLessThanOrEqual(RTMP_LIMITS.bufferedBytesMax + 1_500)
      }
      expect(session.takeOutput()?.length ?? 0).toBeLessThan(20_000)
    }
    // The damage must not be so heavy that nothing was tried, nor so light.
    for (const type of ['publish', 'audio', 'data', 'ended', 'ignored', 'close'])
      expect(seen.get(type), type).toBeGreaterThan(50)
  })

  it('of a server to our publisher: it closes with a reason, or goes on', () => {
    const random = new SeededRandom(7)
    const told = new Map<string, number>()
    for (let round = 0; round < ROUNDS / 2; round++) {
      const bytes = (length: number): Buffer => random.bytes(length)
      const client = new RtmpClientSession({
        application: 'live',
        tcUrl: 'rtmp://h/live',
        stream: 's',
        limits: RTMP_LIMITS,
        random: bytes,
      })
      const server = new RtmpServerSession({ limits: RTMP_LIMITS, random: bytes })
      for (let turn = 0; turn < 8; turn++) {
        for (const event of server.receive(client.takeOutput() ?? Buffer.alloc(0)))
          if (event.type === 'publish') server.accept()
        const answer = server.takeOutput()
        if (!answer) break
        const damaged = random.below(3) === 0 ? mutate(answer, random) : answer
        for (const event of client.receive(damaged)) told.set(event.type, (told.get(event.type) ?? 0) + 1)
      }
    }
    expect(told.get('publishing')).toBeGreaterThan(20)
    expect(told.get('close')).toBeGreaterThan(20)
  })
})
