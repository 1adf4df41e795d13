import { describe, expect, it } from 'vitest'
import { encodeAmf0 } from '../../../media/rtmp/amf0-encode.ts'
import { MESSAGE } from '../../../media/rtmp/message.ts'
import { hastyHandshake, RawPeer } from '../../media/rtmp/raw-peer.ts'
import { openRawSocket } from './raw-socket.ts'
import { startTestServer, systemClock } from './receiving-server.ts'
import { startWitness } from './witness.ts'

const SHORT = { handshakeMs: 150, commandMs: 150, lingerMs: 50 }
type Server = Awaited<ReturnType<typeof startTestServer>>

/** Runs a story while a decent publication goes on, and checks that it lost nothing. */
async function besideAWitness(story: (server: Server) => Promise<void>, limits = {}): Promise<void> {
  const server = await startTestServer((request) => (request.stream === 'refused' ? { refuse: 'No.' } : null), {
    ...SHORT,
    ...limits,
  })
  try {
    const witness = await startWitness(server)
    await story(server)
    const { sent, arrived } = await witness.finish()
    expect(arrived).toEqual(sent)
  } finally {
    await server.close()
  }
}

/** The server's side of a closed connection ends a moment after the guest's. */
async function onlyTheWitnessIsLeft(server: Server): Promise<void> {
  while (server.connections() > 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('the server and its worst guests', { timeout: 20_000 }, () => {
  it('a handshake that drips, and connections that say nothing, are closed in time', () =>
    besideAWitness(async (server) => {
      const startMs = systemClock.monotonicMs()
      const silent = await Promise.all(Array.from({ length: 20 }, () => openRawSocket(server.port)))
      const dripping = await openRawSocket(server.port)
      const stop = systemClock.every(10, () => dripping.write(Buffer.from([3])))
      await Promise.all([dripping, ...silent].map(({ closed }) => closed))
      stop()
      expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(SHORT.handshakeMs - 1)
      await onlyTheWitnessIsLeft(server)
    }))

  it('one that shakes hands and then never publishes, whatever else it says, is closed in time', () =>
    besideAWitness(async (server) => {
      const guest = await openRawSocket(server.port)
      const peer = new RawPeer()
      guest.write(Buffer.concat([hastyHandshake(), peer.connect()]))
      const stop = systemClock.every(10, () => guest.write(peer.command(0, '_checkbw', 2, null)))
      await guest.closed
      stop()
      expect(guest.answers.statusCodes).toEqual(['NetConnection.Connect.Closed'])
    }))

  it('a player that injects audio is heard by nobody', () =>
    besideAWitness(async (server) => {
      const player = await openRawSocket(server.port, true)
      const peer = new RawPeer()
      const words = [hastyHandshake(), peer.connect(), peer.command(0, 'createStream', 2, null)]
      player.write(
        Buffer.concat([...words, peer.audio(0), peer.command(1, 'play', 0, null, 'witness'), peer.audio(21)]),
      )
      const stop = systemClock.every(2, () => player.write(peer.audio(42)))
      await player.closed
      stop()
      expect(player.answers.statusCodes).toEqual(['NetStream.Play.Failed'])
      expect(server.publications).toHaveLength(1)
    }))

  it('a refused publisher that goes on sending is told why, heard by nobody, and gone', () =>
    besideAWitness(async (server) => {
      const refused = await openRawSocket(server.port, true)
      const peer = new RawPeer()
      refused.write(Buffer.concat([peer.toPublish('refused'), peer.audio(0)]))
      const stop = systemClock.every(1, () => refused.write(peer.audio(21, Buffer.alloc(5_000, 0xaf))))
      await refused.closed
      stop()
      expect(refused.answers.statusCodes).toEqual(['NetStream.Publish.BadName'])
      expect(server.publications).toHaveLength(1)
    }))

  it('more connections than allowed, from one address and in all, are refused; places come free again', async () => {
    await besideAWitness(
      async (server) => {
        const guests = await Promise.all(Array.from({ length: 3 }, () => openRawSocket(server.port)))
        const oneTooMany = await openRawSocket(server.port)
        await oneTooMany.closed
        expect(server.connections()).toBe(4)
        for (const guest of guests) guest.socket.destroy()
        await Promise.all(guests.map(({ closed }) => closed))
        await onlyTheWitnessIsLeft(server)
        const welcome = await openRawSocket(server.port)
        welcome.write(new RawPeer().toPublish('second'))
        await server.publication(1)
        welcome.socket.destroy()
      },
      { connectionsPerAddressMax: 4, handshakeMs: 5_000 },
    )
    await besideAWitness(
      async (server) => {
        const guest = await openRawSocket(server.port)
        await (await openRawSocket(server.port)).closed
        guest.socket.destroy()
      },
      { connectionsMax: 2, handshakeMs: 5_000 },
    )
  })

  it('one that asks without end and reads no answer is cut off at its queue', () =>
    besideAWitness(async (server) => {
      const guest = await openRawSocket(server.port)
      guest.socket.pause()
      const peer = new RawPeer()
      guest.write(peer.toPublish('asking'))
      await server.publication(1)
      const ping = Buffer.from([0, 6, 0, 0, 0, 1])
      const many = (): Buffer =>
        Buffer.concat(Array.from({ length: 10_000 }, () => peer.message(MESSAGE.userControl, 0, ping, 0, 2)))
      while (guest.socket.writable && server.connections() > 1)
        await new Promise((resolve) => guest.socket.write(many(), resolve))
      expect(await server.publications[1]!.ended).toBe('the peer reads none of our answers')
      guest.socket.destroy()
    }))

  it('a publisher that falls silent is ended, one that answers pings is not', async () => {
    const server = await startTestServer(() => null, { idleMs: 600 })
    try {
      const [silent, polite] = [await openRawSocket(server.port), await openRawSocket(server.port)]
      const peer = new RawPeer()
      silent.write(new RawPeer().toPublish('silent'))
      const silentPublication = await server.publication(0)
      polite.write(peer.toPublish('polite'))
      const politePublication = await server.publication(1)
      polite.socket.on('data', () => {
        const ping = polite.answers.bodiesOf(MESSAGE.userControl).findLast((body) => body[1] === 6)
        if (!ping) return
        const pong = Buffer.concat([Buffer.from([0, 7]), ping.subarray(2)])
        polite.write(peer.message(MESSAGE.userControl, 0, pong, 0, 2))
      })
      expect(await silentPublication.ended).toMatch(/^nothing received for/)
      polite.write(peer.audio(0))
      await politePublication.received(1)
      polite.socket.destroy()
      expect(await politePublication.ended).toBeTruthy()
    } finally {
      await server.close()
    }
  })

  it('sentences that no encoder says cost the speaker the connection, and nobody else anything', () => {
    const hostile: Record<string, (peer: RawPeer) => Buffer> = {
      'a gigabyte of string': (peer) => peer.message(MESSAGE.commandAmf0, 0, Buffer.from('0c40000000', 'hex')),
      'cut-off AMF': (peer) => peer.message(MESSAGE.commandAmf0, 0, Buffer.from('0200ff61', 'hex')),
      'connect without anything': (peer) => peer.connect({}),
      'publish of false, then of null': (peer) =>
        Buffer.concat([
          peer.connect(),
          peer.command(1, 'publish', 2, null, false),
          peer.command(1, 'publish', 3, null, null),
        ]),
      'a hundred chunk streams': () =>
        Buffer.concat(
          Array.from({ length: 100 }, (_, index) =>
            new RawPeer().message(MESSAGE.audio, 1, Buffer.alloc(1), 0, 3 + index),
          ),
        ),
      'thirty announcements of a hundred kilobytes': () =>
        Buffer.concat(
          Array.from({ length: 30 }, (_, index) =>
            new RawPeer().message(MESSAGE.audio, 1, Buffer.alloc(100_000), 0, 3 + index).subarray(0, 12 + 128),
          ),
        ),
      'a message of 16 MB': () => Buffer.from([4, 0, 0, 0, 0xff, 0xff, 0xff, MESSAGE.audio, 1, 0, 0, 0]),
      'AMF nested a thousand deep': (peer) =>
        peer.message(MESSAGE.commandAmf0, 0, Buffer.from('0a00000001'.repeat(1_000), 'hex')),
      'a command with ten thousand values': (peer) =>
        peer.message(MESSAGE.commandAmf0, 0, encodeAmf0(Array(10_000).fill(null))),
      'no RTMP at all': () => Buffer.from([0xc3, 0xff, 0xff, 0xff]),
    }
    return besideAWitness(
      async (server) => {
        for (const [name, words] of Object.entries(hostile)) {
          const guest = await openRawSocket(server.port)
          guest.write(Buffer.concat([hastyHandshake(), words(new RawPeer())]))
          await guest.closed
          expect(server.publications, name).toHaveLength(1)
        }
      },
      { commandMs: 60_000 },
    )
  })
})
