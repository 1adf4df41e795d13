import { describe, expect, it } from 'vitest'
import { Pacer } from '../../../../agents/ingest/relay/pacer.ts'

const sound = (ms: number): Buffer => Buffer.alloc(ms * 48 * 8)
const msOf = (held: ReturnType<Pacer['take']>): number =>
  held.reduce((sum, each) => sum + ('samples' in each ? each.samples.length / 8 / 48 : 0), 0)

describe('sound that comes in pieces', () => {
  it('goes on evenly: six seconds at once become twenty milliseconds at a time', () => {
    const pacer = new Pacer()
    for (let segment = 0; segment < 3; segment += 1) pacer.push(sound(6_000))
    const given: number[] = []
    for (let atMs = 0; atMs < 60_000; atMs += 20) {
      if (atMs > 0 && atMs % 6_000 === 0) pacer.push(sound(6_000))
      given.push(msOf(pacer.take(atMs)))
    }
    expect(Math.max(...given.slice(1))).toBeLessThan(20.1)
    expect(Math.min(...given.slice(1))).toBeGreaterThan(19.9)
  })

  it('keeps titles where they stand in it', () => {
    const pacer = new Pacer()
    pacer.push(sound(2_000))
    pacer.title('Second')
    pacer.push(sound(2_000))
    let atMs = 0
    let before = 0
    pacer.take(atMs)
    for (;;) {
      atMs += 20
      const taken = pacer.take(atMs)
      const at = taken.findIndex((held) => 'title' in held)
      if (at >= 0) {
        expect(before + msOf(taken.slice(0, at))).toBe(2_000)
        break
      }
      before += msOf(taken)
    }
  })

  it('of a real-time source waits for a second, and again after it ran dry', () => {
    const pacer = new Pacer()
    pacer.push(sound(980))
    expect(pacer.take(1_000)).toEqual([])
    pacer.push(sound(20))
    pacer.take(1_020)
    expect(msOf(pacer.take(1_520))).toBe(500)
    expect(msOf(pacer.take(9_000))).toBe(500)
    pacer.push(sound(100))
    expect(pacer.take(9_020)).toEqual([])
    // What little there is, is not kept back for ever.
    pacer.take(10_600)
    expect(msOf(pacer.take(10_640))).toBe(40)
  })

  it('of a clock that is 100 ppm fast never fills the memory, and of one that is slow never runs dry', () => {
    const second = sound(1_001)
    for (const ppm of [100, -100]) {
      const pacer = new Pacer()
      pacer.push(sound(5_000))
      let owedMs = 0
      let leastMs = Number.POSITIVE_INFINITY
      for (let atMs = 0; atMs < 12 * 3_600_000; atMs += 1_000) {
        owedMs += 1_000 * (1 + ppm / 1e6)
        const whole = Math.floor(owedMs)
        owedMs -= whole
        pacer.push(second.subarray(0, whole * 48 * 8))
        pacer.take(atMs)
        leastMs = Math.min(leastMs, pacer.heldMs)
      }
      expect(leastMs).toBeGreaterThan(500)
      expect(pacer.heldMs).toBeLessThan(4_000)
      expect(Math.abs(pacer.ppm - ppm)).toBeLessThan(60)
    }
  })
})
