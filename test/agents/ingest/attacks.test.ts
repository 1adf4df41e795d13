import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Logger, pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { AMF0 } from '../../../media/rtmp/amf0.ts'
import { MESSAGE } from '../../../media/rtmp/message.ts'
import { hastyHandshake, RawPeer } from '../../media/rtmp/raw-peer.ts'
import { openRawSocket } from '../../platform/rtmp/raw-socket.ts'
import { systemClock } from '../../platform/rtmp/receiving-server.ts'
import { temporaryFolder } from '../../platform/rtmp/tools.ts'
import { heard } from './heard.ts'
import { bodiesOfTone, connectEncoder } from './scripted-encoder.ts'
import { createIngestWorld, type IngestWorld, keyOf } from './world.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const FRAME_MS = 64 / 3

const folder = temporaryFolder()
const lines: { kind?: string; msg: string }[] = []
const log: Logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
let world: IngestWorld
let tone: Buffer[]
/** A good sender, at the pace of sound, through everything that happens here. */
let good: Awaited<ReturnType<typeof connectEncoder>>
let stopGood: () => void
let framesSent = 0
let worstHeardAgoMs = 0
const sockets: Socket[] = []

beforeAll(async () => {
  world = await createIngestWorld({ log })
  // A whole number of periods fits into a frame: one frame of it, again and again, is the tone.
  tone = await bodiesOfTone(folder.path('tone.flv'), 375, ['-ar', '48000', '-ac', '2', '-c:a', 'aac'])
  good = await connectEncoder(port(), keyOf('anna'))
  good.send(tone.slice(0, 1))
  const startedMs = systemClock.monotonicMs()
  stopGood = systemClock.every(10, () => {
    for (; framesSent < (systemClock.monotonicMs() - startedMs) / FRAME_MS; framesSent++) good.send(tone.slice(20, 21))
  })
  await world.feed('anna', ({ newestSample }) => newestSample > 0, 'the good sender is heard')
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(async () => {
  stopGood()
  await world.end()
  folder.remove()
})

const port = (): number => world.ingest.waysIn.rtmp!

/** A connection that nobody waits for. */
function openSocket(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ port: port(), host: '127.0.0.1' })
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('connect', () => resolve(socket))
  })
}

/** Tries again when it does not get in. */
async function connectAsEncodersDo(name: string) {
  for (let tries = 0; ; tries++) {
    const encoder = await connectEncoder(port(), keyOf(name)).catch((error: unknown) => {
      if (tries === 8) throw error
    })
    if (encoder) return encoder
    await new Promise<void>((resolve) => systemClock.after(500, resolve))
  }
}

/** The good sender is there, and what it sends arrives. */
async function goodSenderIsWell(): Promise<void> {
  const before = await world.feed('anna', () => true, 'the feed is there')
  const after = await world.feed('anna', ({ newestSample }) => newestSample > before.newestSample, 'it goes on')
  worstHeardAgoMs = Math.max(worstHeardAgoMs, before.heardAgoMs, after.heardAgoMs)
  expect(after).toMatchObject({ state: 'connected', connection: 1, problems: [] })
}

function heldBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const saidAbout = (kind: string): number => lines.filter((line) => line.kind === kind).length

describe('an ingest node under attack, while an anchor sends', { timeout: 30_000 }, () => {
  it('500 connections that say nothing: an encoder still gets in', async () => {
    const before = heldBytes()
    for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 50 }, openSocket))
    expect(heldBytes() - before).toBeLessThan(8_000_000)
    const encoder = await connectAsEncodersDo('bert')
    encoder.send(tone.slice(0, 11))
    await encoder.goodbye()
    await world.feed(
      'bert',
      ({ state, newestSample }) => state === 'ended' && newestSample === 10_240,
      'bert was heard',
    )
    expect(saidAbout('connections-per-address')).toBe(1)
    expect(saidAbout('half-open')).toBe(1)
    await goodSenderIsWell()
  })

  it('garbage from 50 connections, and 50 that drip a handshake', async () => {
    const before = heldBytes()
    const stops = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const socket = await openSocket()
        const bytes = index % 2 === 0 ? () => randomBytes(20_000) : () => Buffer.from([3])
        return systemClock.every(20, () => {
          if (socket.writable && socket.writableLength === 0) socket.write(bytes())
        })
      }),
    )
    await new Promise<void>((resolve) => systemClock.after(1_000, resolve))
    expect(heldBytes() - before).toBeLessThan(8_000_000)
    for (const stop of stops) stop()
    await goodSenderIsWell()
  })

  it('a string of a gigabyte is announced, in a command and in metadata', async () => {
    const before = heldBytes()
    const gigabyte = Buffer.from([AMF0.longString, 0x40, 0, 0, 0, ...Buffer.from('and so on')])
    const guest = await openRawSocket(port())
    const peer = new RawPeer()
    guest.write(Buffer.concat([hastyHandshake(), peer.message(MESSAGE.commandAmf0, 0, gigabyte)]))
    await guest.closed
    const anchor = await openRawSocket(port())
    const words = new RawPeer()
    anchor.write(Buffer.concat([words.toPublish(keyOf('bert')), words.message(MESSAGE.dataAmf0, 1, gigabyte)]))
    await world.feed('bert', ({ state }) => state === 'connected', 'bert sends')
    for (const body of tone.slice(0, 11)) anchor.write(words.audio(0, body))
    await world.feed(
      'bert',
      // Ten blocks; the first one of a run that goes on is the encoder's own delay.
      ({ newestSample, connectionFromSample }) => newestSample - connectionFromSample >= 9 * 1_024,
      'the sound is taken all the same',
    )
    anchor.socket.resetAndDestroy()
    await world.feed('bert', ({ state, reason }) => state === 'lost' && reason.includes('ECONNRESET'), 'bert is lost')
    expect(heldBytes() - before).toBeLessThan(8_000_000)
    await goodSenderIsWell()
  })

  it('a refused publisher that goes on sending, a player, and one who injects sound: nobody hears them', async () => {
    const bertBefore = await world.feed('bert', () => true, 'bert was here')
    const guests = [
      (peer: RawPeer) => peer.toPublish('wrong-key'),
      (peer: RawPeer) => peer.toPublish(keyOf('anna')),
      (peer: RawPeer) =>
        Buffer.concat([
          hastyHandshake(),
          peer.connect(),
          peer.command(0, 'createStream', 2, null),
          peer.audio(0, tone[1]),
          peer.command(1, 'play', 0, null, keyOf('bert')),
        ]),
    ]
    const codes = await Promise.all(
      guests.map(async (words) => {
        const peer = new RawPeer()
        const guest = await openRawSocket(port(), true)
        guest.write(words(peer))
        const stop = systemClock.every(1, () => guest.write(peer.audio(21, tone[1])))
        await guest.closed
        stop()
        return guest.answers.statusCodes.at(-1)
      }),
    )
    expect(codes).toEqual(['NetStream.Publish.Unauthorized', 'NetStream.Publish.BadName', 'NetStream.Play.Failed'])
    const bert = await world.feed('bert', () => true, 'bert was here')
    expect(bert.newestSample).toBe(bertBefore.newestSample)
    expect(saidAbout('refused')).toBe(1)
    expect(JSON.stringify(lines)).not.toContain(keyOf('anna'))
    await goodSenderIsWell()
  })

  it('of the good sender nothing is missing', async () => {
    stopGood()
    await good.goodbye()
    const ended = await world.feed('anna', ({ state }) => state === 'ended', 'it said goodbye')
    expect(ended.newestSample).toBe(framesSent * 1_024)
    expect(heard(await world.pcm(ended), { a: 375 })).toMatch(/^\.{0,3}a+$/)
    expect(worstHeardAgoMs).toBeLessThan(1_000)
    const kinds = lines.map(({ kind }) => kind).filter((kind) => kind !== undefined)
    expect(kinds).toHaveLength(new Set(kinds).size)
  })
})
