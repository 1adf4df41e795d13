import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sleep, systemClock } from '../../../platform/clock.ts'
import { systemProcesses } from '../../../platform/processes.ts'
import type { Feed } from '../../../schemas/live.ts'
import { temporaryFolder } from '../../platform/rtmp/tools.ts'
import { heard } from './heard.ts'
import { bodiesOfTone, connectEncoder } from './scripted-encoder.ts'
import { createIngestWorld, grantFor, type IngestWorld, keyOf } from './world.ts'

const AAC = ['-ar', '48000', '-ac', '2', '-c:a', 'aac']
const TONES = { a: 400, B: 2_000, c: 1_000 }
const decoders: ChildProcess[] = []
const folder = temporaryFolder()
let world: IngestWorld
/** A sequence header, and 60 frames. */
let tone: Buffer[]
let connections = 0

beforeAll(async () => {
  world = await createIngestWorld({
    processes: {
      start(...command) {
        const child = systemProcesses.start(...command)
        decoders.push(child)
        return child
      },
    },
  })
  tone = (await bodiesOfTone(folder.path('tone.flv'), 400, AAC, 2)).slice(0, 61)
})
afterAll(async () => {
  await world.end()
  folder.remove()
})

async function connect() {
  connections += 1
  return connectEncoder(world.ingest.waysIn.rtmp!, keyOf('anna'))
}
const feedWhen = (condition: (feed: Feed) => boolean, what: string) =>
  world.feed('anna', (feed) => feed.connection === connections && condition(feed), what)
/** In a run that goes on the first block of AAC-LC, the encoder's own delay, is left out. */
const samplesOf = (feed: Feed): number =>
  feed.newestSample - feed.connectionFromSample + (feed.connection > 1 ? 1_024 : 0)
const whenEnded = () => feedWhen(({ state }) => state === 'ended', 'the encoder said goodbye')
const soundOf = async (feed: Feed) => heard(await world.pcm(feed, feed.connectionFromSample), TONES)

describe('the decoder of a sender', { timeout: 20_000 }, () => {
  it('gives each frame before the next one comes', async () => {
    const encoder = await connect()
    encoder.send(tone.slice(0, 31))
    await feedWhen((feed) => samplesOf(feed) === 30 * 1_024, 'thirty frames are decoded')
    encoder.send(tone.slice(31, 32))
    await feedWhen((feed) => samplesOf(feed) === 31 * 1_024, 'one more is decoded')
    await encoder.goodbye()
    await whenEnded()
  })

  it('is killed: another goes on with what is not yet heard', async () => {
    const encoder = await connect()
    encoder.send(tone.slice(0, 31))
    await feedWhen((feed) => samplesOf(feed) === 30 * 1_024, 'thirty frames are decoded')
    decoders.at(-1)!.kill('SIGKILL')
    encoder.send(tone.slice(31))
    await encoder.goodbye()
    const ended = await whenEnded()
    expect(samplesOf(ended)).toBe(60 * 1_024)
    expect(ended.problems).toEqual(['The decoder was replaced: the decoder was ended by SIGKILL.'])
    expect(await soundOf(ended)).toMatch(/^\.{0,3}a+\.{0,3}a+$/)
  })

  it('hangs: another is given what it kept to itself', async () => {
    const encoder = await connect()
    encoder.send(tone.slice(0, 31))
    await feedWhen((feed) => samplesOf(feed) === 30 * 1_024, 'thirty frames are decoded')
    decoders.at(-1)!.kill('SIGSTOP')
    encoder.send(tone.slice(31))
    await feedWhen((feed) => samplesOf(feed) === 60 * 1_024, 'all is decoded')
    await encoder.goodbye()
    expect((await whenEnded()).problems[0]).toMatch(/^The decoder was replaced: the decoder was fed and gave nothing/)
  })

  it('stands still while the sender goes on: that is told by its not waking up, and nothing is lost', async () => {
    const encoder = await connect()
    encoder.send(tone.slice(0, 31))
    await feedWhen((feed) => samplesOf(feed) === 30 * 1_024, 'thirty frames are decoded')
    decoders.at(-1)!.kill('SIGSTOP')
    for (const body of tone.slice(31)) {
      encoder.send([body])
      await sleep(systemClock, 21)
    }
    await feedWhen((feed) => samplesOf(feed) === 60 * 1_024, 'all is decoded')
    await encoder.goodbye()
    const ended = await whenEnded()
    expect(ended.problems).toEqual(['The decoder was replaced: the decoder was fed and stood still.'])
    expect(await soundOf(ended)).toMatch(/^\.{0,3}a+\.{0,3}a+$/)
  })

  it('follows a sender that changes its codec, and loses nothing of either side', async () => {
    const mono = await bodiesOfTone(folder.path('mono.flv'), 2_000, ['-ar', '44100', '-ac', '1', '-c:a', 'aac'])
    const mp3 = await bodiesOfTone(folder.path('mp3.flv'), 1_000, ['-ar', '48000', '-ac', '2', '-c:a', 'libmp3lame'])
    const encoder = await connect()
    encoder.send(tone)
    encoder.send(mono)
    await feedWhen(({ format }) => format === 'AAC-LC, 44.1 kHz, mono', 'the change is told')
    encoder.send(mp3)
    encoder.send(tone)
    await encoder.goodbye()
    const sound = await soundOf(await whenEnded())
    expect(sound).toMatch(/^\.{0,3}a{124,127}\.{0,4}B{99,101}\.{0,6}c{99,105}\.{0,6}a{124,127}$/)
  })

  it('HE-AAC doubles the rate, whether or not each frame says so', async () => {
    const core = await bodiesOfTone(folder.path('core.flv'), 400, ['-ar', '24000', '-ac', '2', '-c:a', 'aac'])
    // Object type 5, core 24 kHz, stereo, 48 kHz with the upper half, then object type 2 (ISO/IEC 14496-3, 1.6.2.1).
    const heAac = Buffer.from([0xaf, 0, 0b0010_1011, 0b0001_0001, 0b1000_1000, 0])
    const encoder = await connect()
    encoder.send([heAac, ...core.slice(1)])
    await encoder.goodbye()
    const ended = await whenEnded()
    expect(ended.format).toBe('HE-AAC, 48 kHz, stereo')
    expect(ended.newestSample - ended.connectionFromSample).toBe((core.length - 1) * 2_048)
    expect(await soundOf(ended)).toMatch(/^\.{0,6}a{99,}\.{0,6}$/)
  })

  const clocks: { name: string; timestampOf(index: number): number; problem: RegExp | null }[] = [
    { name: 'jumps', timestampOf: (index) => index * 21 + (index > 30 ? 90_000 : 0), problem: /jump by 90/ },
    {
      name: 'begins anew',
      timestampOf: (index) => 60_000 + index * 21 - (index > 30 ? 60_000 : 0),
      problem: /go back/,
    },
    { name: 'stands still', timestampOf: () => 7, problem: /stand still/ },
    { name: 'wraps', timestampOf: (index) => (2 ** 32 - 600 + index * 21) % 2 ** 32, problem: null },
  ]
  for (const { name, timestampOf, problem } of clocks)
    it(`does not mind a clock that ${name}`, async () => {
      const encoder = await connect()
      encoder.send(tone, timestampOf)
      await encoder.goodbye()
      const ended = await whenEnded()
      expect(samplesOf(ended)).toBe(60 * 1_024)
      if (problem) expect(ended.problems[0]).toMatch(problem)
      else expect(ended.problems).toEqual([])
    })

  it('says what it does not take, and takes what follows', async () => {
    const encoder = await connect()
    const opus = Buffer.concat([Buffer.from([0x90]), Buffer.from('Opus'), Buffer.alloc(40)])
    encoder.send([opus, Buffer.from([0xaf, 1]), Buffer.alloc(0), Buffer.from([0xaf, 1, 1, 2, 3])])
    const confused = await feedWhen(({ problems }) => problems.length > 0, 'it says what is odd')
    expect(confused.problems).toEqual(['AAC comes without the configuration that should go before it.'])
    encoder.send([opus])
    await feedWhen(({ problems }) => problems[0]?.includes('enhanced RTMP Opus') === true, 'it says what to do')
    encoder.send(tone)
    await encoder.goodbye()
    const ended = await whenEnded()
    expect(ended.problems).toEqual([])
    expect(samplesOf(ended)).toBe(60 * 1_024)
  })

  it('a title in GB18030 is read, one in UTF-8 too', async () => {
    const encoder = await connect()
    encoder.tell('onMetaData', [{ title: '夜来香', artist: '邓丽君', audiocodecid: 10 }])
    await feedWhen(({ title }) => title === '邓丽君 - 夜来香', 'the title is told')
    await encoder.goodbye()
    await whenEnded()
  })

  it('a sender whose decoders die again and again is let go, and told why', async () => {
    world.control.live.ingest!.grants.push(grantFor('carl'))
    while ((await world.kick('carl', { refuseMs: 0 })).status === 404);
    const encoder = await connectEncoder(world.ingest.waysIn.rtmp!, keyOf('carl'))
    encoder.send(tone.slice(0, 3))
    await world.feed('carl', ({ format }) => format !== '', 'it is decoded')
    for (let kills = 1; kills <= 6; kills++) {
      const count = decoders.length
      decoders.at(-1)!.kill('SIGKILL')
      if (kills < 6) while (decoders.length === count) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await encoder.closed).toContain('What is sent can’t be decoded')
    const lost = await world.feed('carl', ({ state }) => state === 'lost', 'it is let go')
    expect(lost.reason).toContain('can’t be decoded')
  })
})
