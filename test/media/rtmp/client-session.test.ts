import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeData, RtmpClientSession } from '../../../media/rtmp/client-session.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { RtmpServerSession, type ServerEvent } from '../../../media/rtmp/server-session.ts'
import { hastyHandshake, RawPeer } from './raw-peer.ts'

type Handshake = 'simple' | 'digest-first' | 'digest-second'

/** Two sessions and no network: bytes go to and fro until both have nothing more to say. */
function converse(client: RtmpClientSession, server: RtmpServerSession, pieceBytes: number) {
  const events: ServerEvent[] = []
  const toServer = (bytes: Buffer | null): void => {
    for (let at = 0; bytes && at < bytes.length; at += pieceBytes)
      for (const event of server.receive(bytes.subarray(at, at + pieceBytes))) {
        events.push(event)
        if (event.type === 'publish') events.push(...server.accept())
      }
  }
  const settle = (): string[] => {
    const told: string[] = []
    for (;;) {
      const up = client.takeOutput()
      toServer(up)
      const down = server.takeOutput()
      for (let at = 0; down && at < down.length; at += pieceBytes)
        for (const event of client.receive(down.subarray(at, at + pieceBytes)))
          told.push(event.type === 'close' ? event.reason : event.type)
      if (!up && !down) return told
    }
  }
  return { events, toServer, settle }
}

const newPair = (handshake: Handshake) => ({
  client: new RtmpClientSession({
    application: 'live',
    tcUrl: 'rtmp://127.0.0.1/live',
    stream: 'high?key=k',
    limits: RTMP_LIMITS,
    random: randomBytes,
    handshake,
  }),
  server: new RtmpServerSession({ limits: RTMP_LIMITS, random: randomBytes }),
})

describe('our client and our server, session to session', () => {
  for (const handshake of ['simple', 'digest-first', 'digest-second'] as const)
    for (const pieceBytes of [1, 100, 1_000_000])
      it(`${handshake}, ${pieceBytes} bytes at a time: publish, send across 2^32 ms, end`, () => {
        const { client, server } = newPair(handshake)
        const { events, toServer, settle } = converse(client, server, pieceBytes)
        expect(settle()).toEqual(['publishing'])
        const startMs = 0x1_0000_0000 - 30
        toServer(client.encodeDataBody(startMs, encodeData('onAirtight', ['{"type":"start"}'])))
        for (const stepMs of [0, 21, 43]) toServer(client.encodeAudio(startMs + stepMs, Buffer.alloc(6_000, 0xaf)))
        expect(events).toMatchObject([
          { type: 'publish', address: { application: 'live', stream: 'high' } },
          { type: 'data', name: 'onAirtight', values: ['{"type":"start"}'], timestampMs: startMs },
          { type: 'audio', timestampMs: startMs },
          { type: 'audio', timestampMs: startMs + 21 },
          { type: 'audio', timestampMs: startMs + 43 },
        ])
        settle()
        expect(client.acknowledgements).toBeGreaterThan(0)
        client.finish()
        toServer(client.takeOutput())
        expect(events.at(-1)).toMatchObject({ type: 'ended' })
      })

  it('wraps stream metadata as servers expect it', () => {
    const { client, server } = newPair('simple')
    const { events, toServer, settle } = converse(client, server, 1_000)
    settle()
    toServer(client.encodeDataBody(0, encodeData('onMetaData', [{ audiocodecid: 10 }])))
    expect(events.at(-1)).toMatchObject({ type: 'data', name: 'onMetaData', values: [{ audiocodecid: 10 }] })
  })

  it('says why when the server ends the publication', () => {
    const { client, server } = newPair('simple')
    const { settle } = converse(client, server, 1_000)
    settle()
    server.finish('the day is over')
    expect(settle()).toEqual(['the server says: NetStream.Publish.Denied: the day is over'])
    expect(client.state).toBe('closed')
  })

  it('closes when the server names its stream with a number that is none', () => {
    for (const number of [Number.POSITIVE_INFINITY, Number.NaN, -1, 0.5, 2 ** 32, 'one']) {
      const { client } = newPair('simple')
      const peer = new RawPeer()
      client.receive(hastyHandshake())
      client.receive(peer.command(0, '_result', 1, {}, { code: 'NetConnection.Connect.Success' }))
      const [event] = client.receive(peer.command(0, '_result', 4, null, number))
      expect(event).toMatchObject({ type: 'close', reason: expect.stringContaining('without a stream number') })
    }
  })

  it('closes on bytes that are no RTMP', () => {
    const { client } = newPair('simple')
    expect(client.receive(Buffer.from('HTTP/1.1 400'))).toMatchObject([
      { type: 'close', reason: expect.stringContaining('not RTMP') },
    ])
  })
})
