import { describe, expect, it } from 'vitest'
import { createSignInDelay, networkOf } from '../../../control-center/accounts/sign-in-delay.ts'

const HOME = '192.0.2.1'
/** Tries until it has to wait; answers how often it could, and then for how long it must wait. */
const tryUntilDelayed = (attempt: () => number): [number, number] => {
  for (let tries = 0; ; tries++) {
    const waitSeconds = attempt()
    if (waitSeconds > 0) return [tries, waitSeconds]
  }
}

describe('guessing passwords', () => {
  it('takes longer with each attempt at one name, from wherever, up to a minute; the name need not exist', () => {
    const delay = createSignInDelay()
    let nowMs = 0
    let address = 0
    const guess = () => delay.begin('nobody', `198.51.100.${address++ % 250}`, nowMs)
    expect(tryUntilDelayed(guess)).toEqual([5, 1])
    const waits = Array.from({ length: 8 }, () => {
      const waitSeconds = guess()
      nowMs += waitSeconds * 1000
      expect(guess()).toBe(0)
      return waitSeconds
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  it('takes longer from one address whatever the names are, and no longer after a quarter of an hour of rest', () => {
    const delay = createSignInDelay()
    let name = 0
    expect(tryUntilDelayed(() => delay.begin(`name ${name++}`, HOME, 0))).toEqual([20, 1])
    expect(delay.begin(null, HOME, 0)).toBe(1)
    expect(delay.begin('other', '192.0.2.2', 0)).toBe(0)
    expect(delay.begin('ada', HOME, 16 * 60_000)).toBe(0)
  })

  it('locks nobody out where they have signed in before', () => {
    const delay = createSignInDelay()
    delay.begin('ada', HOME, 0)
    delay.succeeded('ada', HOME, 0)
    for (let index = 0; index < 50; index++) delay.begin('ada', `203.0.113.${index}`, 0)
    expect(delay.begin('ada', '203.0.113.99', 0)).toBeGreaterThan(0)
    expect(delay.begin('ada', HOME, 0)).toBe(0)
  })

  it('forgets what was counted when the password was right', () => {
    const delay = createSignInDelay()
    for (let round = 0; round < 10; round++) {
      for (let index = 0; index < 4; index++) expect(delay.begin('ada', HOME, 0)).toBe(0)
      delay.succeeded('ada', HOME, 0)
    }
  })

  it('keeps its memory small, whoever asks', () => {
    const delay = createSignInDelay()
    for (let index = 0; index < 20_000; index++) delay.begin(`name ${index}`, `10.${index >> 8}.${index & 255}.1`, 0)
    expect(delay.size()).toBeLessThanOrEqual(12_000)
  })

  it('takes the addresses of one IPv6 connection as one', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:db8:1:2::9'))
    expect(networkOf('2001:db8:1:3::9')).not.toBe(networkOf('2001:db8:1:2::9'))
    expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(networkOf('::1')).toBe('0:0:0:0')
  })
})
