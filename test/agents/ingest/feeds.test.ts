import { Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { type AdmissionFacts, admissionOf } from '../../../agents/ingest/feeds/admission.ts'
import { createFeeds } from '../../../agents/ingest/feeds/feeds.ts'
import { HeldFeed } from '../../../agents/ingest/feeds/held-feed.ts'
import { LevelMeter } from '../../../agents/ingest/feeds/level-meter.ts'
import { PcmRing } from '../../../agents/ingest/feeds/pcm-ring.ts'
import { PieceLength } from '../../../agents/ingest/feeds/piece-length.ts'
import { readPcm } from '../../../agents/ingest/http/pcm-reader.ts'
import { skippingClock } from '../slicer/world.ts'
import { grantFor, SETTINGS } from './world.ts'

const pairs = (count: number, value: (index: number) => number): Buffer =>
  Buffer.from(Float32Array.from({ length: count * 2 }, (_, index) => value(index >> 1)).buffer)
const floatsOf = (bytes: Buffer): number[] => [...new Float32Array(new Uint8Array(bytes).buffer)]

describe('the ring', () => {
  it('keeps the newest, by offset, across its end', () => {
    const ring = new PcmRing(10)
    for (let first = 0; first < 28; first += 4)
      ring.write(
        pairs(4, (index) => (first + index) / 100),
        () => {},
      )
    expect([ring.oldestSample, ring.newestSample]).toEqual([18, 28])
    const left = floatsOf(ring.read(18, 1_000)).filter((_, index) => index % 2 === 0)
    expect(left.map((value) => Math.round(value * 100))).toEqual([18, 19, 20, 21, 22, 23, 24, 25, 26, 27])
    expect(ring.read(26, 8).length).toBe(8)
    expect(() => ring.read(17, 8)).toThrow('not held')
    expect(() => ring.write(Buffer.alloc(7), () => {})).toThrow('no whole pairs')
  })

  it('makes safe what no mixer should see', () => {
    const ring = new PcmRing(4)
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, 1e30, -1e30]
    ring.write(
      pairs(4, (index) => bad[index]!),
      () => {},
    )
    expect(floatsOf(ring.read(0, 32))).toEqual([0, 0, 0, 0, 4, 4, -4, -4])
  })
})

describe('the level meter', () => {
  const tone = (meter: LevelMeter, ms: number, amplitude: number): void =>
    meter.take(
      Float32Array.from({ length: ms * 96 }, (_, index) => amplitude * Math.sin((index >> 1) / 10)),
      -50,
    )
  const seconds = ({ soundSamples, silentSamples }: LevelMeter): number[] =>
    [soundSamples, silentSamples].map((samples) => Math.round(samples / 4_800) / 10)

  it('counts sound through the pauses of speech, and silence from where it began', () => {
    const meter = new LevelMeter()
    tone(meter, 2_000, 0)
    expect(seconds(meter)).toEqual([0, 2])
    tone(meter, 1_000, 0.1)
    tone(meter, 700, 0)
    tone(meter, 1_000, 0.1)
    expect(seconds(meter)[0]).toBeCloseTo(2.7, 0)
    expect(meter.silentSamples).toBe(0)
    tone(meter, 900, 0)
    expect(meter.silentSamples).toBe(0)
    tone(meter, 2_000, 0.002)
    // Its 100 ms end a moment after the sound has.
    expect(seconds(meter)).toEqual([0, 2.8])
    expect(meter.levelDbfs).toBeCloseTo(-57, 0)
  })

  it('tells nothing as -120', () => {
    expect([new LevelMeter().levelDbfs, new LevelMeter().peakDbfs]).toEqual([-120, -120])
  })
})

describe('in how long pieces audio comes', () => {
  it('is told of one who sends pages of a second from the first page on, however a decoder hands them out', () => {
    const pieces = new PieceLength()
    for (const atMs of [100, 105, 112]) pieces.take(atMs, 330)
    expect(pieces.ms).toBe(990)
    for (const second of [1, 2, 3]) for (const atMs of [100, 104, 120]) pieces.take(second * 1_000 + atMs, 330)
    expect(pieces.ms).toBe(980)
    pieces.reset()
    expect(pieces.ms).toBe(0)
  })

  it('takes neither what a decoder had in hand at first, nor a pause soon after, for a piece', () => {
    const pieces = new PieceLength()
    pieces.take(0, 700)
    expect(pieces.ms).toBe(700)
    for (const atMs of [80, 100, 120, 420, 440, 460]) pieces.take(atMs, 20)
    expect(pieces.ms).toBe(0)
  })

  it('takes one stall in the first second for no piece', () => {
    const pieces = new PieceLength()
    for (let atMs = 0; atMs < 600; atMs += 20) pieces.take(atMs, 20)
    for (let atMs = 1_300; atMs < 1_400; atMs += 20) pieces.take(atMs, 20)
    expect(pieces.ms).toBe(0)
  })

  it('does not know stalls as pieces, and forgets', () => {
    const pieces = new PieceLength()
    let nowMs = 0
    const run = (ms: number, everyMs: number): void => {
      for (const until = nowMs + ms; nowMs < until; nowMs += everyMs) pieces.take(nowMs, everyMs)
    }
    run(5_000, 40)
    nowMs += 1_400
    run(500, 40)
    expect(pieces.ms).toBe(40)
    run(8_000, 1_000)
    expect(pieces.ms).toBe(1_000)
    run(10_000, 20)
    expect(pieces.ms).toBe(20)
  })
})

describe('who may send now', () => {
  const hour = 3_600_000
  const facts = (changes: Partial<AdmissionFacts>): AdmissionFacts => ({
    keyId: 'anna',
    grants: [grantFor('anna')],
    present: null,
    kicked: null,
    feeds: 0,
    monotonicMs: 1_000_000,
    wallMs: 100 * hour,
    ...changes,
  })
  const inHours = (from: number, until: number) => [
    grantFor('anna', { windows: [{ fromMs: (100 + from) * hour, untilMs: (100 + until) * hour }] }),
  ]
  const cases: { name: string; changes: Partial<AdmissionFacts>; answer: RegExp | true }[] = [
    { name: 'whose key is good', changes: {}, answer: true },
    { name: 'whose key was revoked', changes: { grants: [] }, answer: /not known/ },
    { name: 'in its time', changes: { grants: inHours(-1, 1) }, answer: true },
    { name: 'a little before its time', changes: { grants: inHours(0.05, 1) }, answer: true },
    { name: 'long before its time', changes: { grants: inHours(1.5, 2) }, answer: /begins in 1 h 30 min/ },
    { name: 'after its time', changes: { grants: inHours(-2, -1) }, answer: /none of its times is near/ },
    {
      name: 'who was there when its time was over',
      changes: { grants: inHours(-2, -1), present: { connected: null, heardAgoMs: 1_500 } },
      answer: true,
    },
    {
      name: 'while another one sends',
      changes: { present: { connected: 'a studio page from 10.0.0.9', heardAgoMs: 1_900 } },
      answer: /^This key is in use: a studio page from 10.0.0.9/,
    },
    {
      name: 'while another one is mute',
      changes: { present: { connected: 'a studio page from 10.0.0.9', heardAgoMs: 2_000 } },
      answer: true,
    },
    {
      name: 'who was kicked',
      changes: { kicked: { untilMs: 1_020_000, reason: 'Not now.' } },
      answer: /^Not now. The key is refused for another 20 s/,
    },
    { name: 'who was kicked long ago', changes: { kicked: { untilMs: 1_000_000, reason: 'Not now.' } }, answer: true },
    { name: 'one too many', changes: { feeds: 12 }, answer: /takes 12 senders/ },
  ]
  for (const { name, changes, answer } of cases)
    it(name, () => {
      const admission = admissionOf(facts(changes))
      if (answer === true) expect(admission).toEqual({ admit: true })
      else expect('refuse' in admission && admission.refuse).toMatch(answer)
    })
})

describe('a reader that does not read', () => {
  /** A socket that takes what a test lets it take. */
  function slowReader() {
    const taken: Buffer[] = []
    let take: () => void = () => {}
    const stream = new Writable({
      highWaterMark: 16_384,
      write(piece: Buffer, _encoding, done) {
        taken.push(piece)
        take = done
      },
    })
    return { stream, taken, take: () => take() }
  }
  function feedWithSecond(clock: ReturnType<typeof skippingClock>) {
    const feed = new HeldFeed({
      keyId: 'anna',
      run: '0'.repeat(16),
      silenceDbfs: () => -50,
      clock,
      changed: () => {},
      left: () => {},
    })
    const writer = feed.connect({ keyId: 'anna', source: 'rtmp', remoteAddress: '', format: '', drop: () => {} })
    return { feed, addSecond: () => writer.pcm(pairs(48_000, () => 0.1)) }
  }

  it('is held one piece, whatever comes; and goes on from there', () => {
    const { feed, addSecond } = feedWithSecond(skippingClock())
    const reader = slowReader()
    readPcm(feed, 0, reader.stream, skippingClock())
    for (let second = 0; second < 20; second++) addSecond()
    expect(reader.stream.writableLength).toBeLessThanOrEqual(65_536)
    expect(reader.taken).toHaveLength(1)
    reader.take()
    expect(Buffer.concat(reader.taken).length).toBe(2 * 65_536)
  })

  it('is let go when what it wants is gone', async () => {
    const { feed, addSecond } = feedWithSecond(skippingClock())
    const reader = slowReader()
    const closed = new Promise((resolve) => reader.stream.once('close', resolve))
    readPcm(feed, 0, reader.stream, skippingClock())
    for (let second = 0; second < 35; second++) addSecond()
    reader.take()
    await closed
    expect(feed.readers).toBe(0)
  })
})

describe('a key that connects and leaves, again and again', () => {
  it('is refused for a moment, and the other keys are not', () => {
    const clock = skippingClock()
    const feeds = createFeeds({
      briefing: () => ({ settings: SETTINGS, grants: [grantFor('anna'), grantFor('bert')] }),
      newRun: () => '0123456789abcdef',
      clock,
      log: pino({ level: 'silent' }),
    })
    const comesAndGoes = (keyId: string): string | null => {
      const opened = feeds.open({ keyId, source: 'rtmp', remoteAddress: '127.0.0.1', format: '', drop: () => {} })
      if ('refuse' in opened) return opened.refuse
      opened.writer.end('It said goodbye.')
      return null
    }
    const answers = Array.from({ length: 1_000 }, () => comesAndGoes('anna'))
    expect(answers.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => null))
    expect(answers.filter((answer) => answer === null).length).toBeLessThan(13)
    expect(answers.at(-1)).toContain('again and again')
    expect(comesAndGoes('bert')).toBeNull()
    clock.skip(2_000)
    expect(comesAndGoes('anna')).toBeNull()
  })
})
