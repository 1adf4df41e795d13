import { describe, expect, it } from 'vitest'
import { DriftServo } from '../../../playout/live/drift-servo.ts'

const RATE = 48_000
const BLOCK = 1_024
const TARGET = 0.6 * RATE

type Sender = {
  /** Its clock against ours, as a fraction, at a second of the broadcast. */
  driftAt: (seconds: number) => number
  /** Audio comes in pieces of this length. */
  pieceSeconds: number
  /** By how much the piece that is due at a second comes late. */
  lateSeconds: (seconds: number, piece: number) => number
}

const steady: Sender = { driftAt: () => 0, pieceSeconds: 0.02, lateSeconds: () => 0 }

/** Plays a sender for a while; the depth and the ratio are noted once a second. */
function play(sender: Sender, seconds: number, startDepth = TARGET) {
  const servo = new DriftServo(TARGET, null)
  const depths: number[] = []
  const ratios: number[] = []
  let newest = startDepth
  let sounded = 0
  let made = 0
  let piece = 0
  let pieceSeconds = 0
  let dueSeconds = sender.lateSeconds(0, 0)
  for (let at = 0; at < seconds * RATE; at += BLOCK) {
    while (dueSeconds * RATE <= at) {
      const arrivedAt = Math.max(dueSeconds * RATE, at - BLOCK)
      servo.observe(arrivedAt, newest, newest - sounded - (arrivedAt - at) * servo.ratio)
      const samples = sender.pieceSeconds * RATE * (1 + sender.driftAt(pieceSeconds))
      made += samples
      newest = startDepth + made
      piece += 1
      pieceSeconds += sender.pieceSeconds
      // Pieces come in order: one that is late holds up those behind it, which then come at once.
      dueSeconds = Math.max(dueSeconds, pieceSeconds + sender.lateSeconds(pieceSeconds, piece))
    }
    servo.observe(at, newest, newest - sounded)
    sounded += BLOCK * servo.ratio
    servo.advance(BLOCK)
    if (Math.floor(at / RATE) !== Math.floor((at - BLOCK) / RATE)) {
      depths.push(newest - sounded)
      ratios.push(servo.ratio)
    }
  }
  return { servo, depths, ratios }
}

/** Numbers that look like chance and are the same each time. */
const chance = (seed: number): number => {
  const x = Math.sin(seed * 12.9898) * 43_758.5453
  return x - Math.floor(x)
}
const ms = (samples: number): number => (samples / RATE) * 1_000
const farthest = (depths: number[]): number => Math.max(...depths.map((depth) => Math.abs(ms(depth - TARGET))))
const strongest = (ratios: number[]): number => Math.max(...ratios.map((ratio) => Math.abs(ppm(ratio))))
const ppm = (ratio: number): number => (ratio - 1) * 1e6

describe('the drift of a sender', () => {
  it.each([200, -200])('of %i ppm is held for three hours, within 50 ms of the buffer', (drift) => {
    const { servo, depths, ratios } = play({ ...steady, driftAt: () => drift * 1e-6 }, 3 * 3_600)
    expect(farthest(depths)).toBeLessThan(50)
    expect(servo.drift * 1e6).toBeCloseTo(drift, -1)
    expect(servo.complaint).toBe(null)
    expect(strongest(ratios)).toBeLessThan(500)
    const late = ratios.slice(-1_000).map(ppm)
    expect(Math.max(...late) - Math.min(...late)).toBeLessThan(2)
  })

  it('that wanders with the temperature of a room is followed', () => {
    const { depths } = play({ ...steady, driftAt: (at) => 80e-6 * Math.sin((2 * Math.PI * at) / 3_600) }, 2 * 3_600)
    expect(farthest(depths)).toBeLessThan(50)
  })

  it.each([0.03, -0.03, 0.05, -0.05])(
    'of %f, a card that is out of order, is held too, and there is an alarm',
    (drift) => {
      const { servo, depths } = play({ ...steady, driftAt: () => drift }, 600)
      expect(ms(Math.min(...depths))).toBeGreaterThan(220)
      expect(farthest(depths.slice(depths.length / 2))).toBeLessThan(60)
      expect(servo.complaint).toMatch(drift < 0 ? /slow/ : /fast/)
      expect(servo.drift).toBeCloseTo(drift, 3)
    },
  )

  it.each([0.0015, -0.0015])('of %f is learned before the buffer is half gone', (drift) => {
    const { servo, depths } = play({ ...steady, driftAt: () => drift }, 1_200)
    expect(farthest(depths)).toBeLessThan(150)
    expect(servo.complaint).not.toBe(null)
  })
})

describe('what is no drift', () => {
  it('does not move the pitch: pieces of 100 ms, each late by chance by up to 200 ms', () => {
    const { ratios, servo } = play(
      { ...steady, pieceSeconds: 0.1, lateSeconds: (_, piece) => chance(piece) * 0.2 },
      1_800,
    )
    // Less than a cent, and in steps that take a minute.
    expect(strongest(ratios)).toBeLessThan(577)
    expect(Math.max(...ratios.map((ratio, index) => Math.abs(ratio - (ratios[index - 1] ?? 1)) * 1e6))).toBeLessThan(30)
    expect(servo.complaint).toBe(null)
  })

  it('does not move the pitch: a network that stalls for 200 ms now and then, and then sends all at once', () => {
    const { ratios, depths } = play(
      { ...steady, lateSeconds: (at) => (chance(Math.floor(at / 7)) < 0.3 && at % 7 < 0.2 ? 0.2 - (at % 7) : 0) },
      1_800,
    )
    expect(strongest(ratios)).toBeLessThan(450)
    expect(ms(Math.min(...depths))).toBeGreaterThan(350)
  })

  it('does not move the pitch: a relay that sends four seconds at a time', () => {
    const { ratios } = play({ ...steady, pieceSeconds: 4 }, 1_800, 5 * RATE)
    expect(strongest(ratios)).toBeLessThan(1_050)
  })

  it('works off what is too much, slowly, after a burst', () => {
    const { depths, ratios } = play(steady, 2_400, TARGET + RATE)
    expect(ms(depths.at(-1)! - TARGET)).toBeLessThan(260)
    expect(strongest(ratios)).toBeLessThan(1_100)
  })
})
