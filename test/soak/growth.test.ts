import { describe, expect, it } from 'vitest'
import { growsSteadily, slopePerHour } from './growth.ts'

const minutely = (values: readonly number[]) => values.map((value, minute) => ({ atMs: minute * 60_000, value }))
const during = (minutes: number, value: (minute: number) => number) =>
  minutely(Array.from({ length: minutes + 1 }, (_, minute) => value(minute)))

describe('what grows steadily', () => {
  it('a leak of two megabytes a minute is seen in a quarter of an hour', () => {
    expect(
      growsSteadily(
        during(15, (minute) => 50 + 2 * minute),
        8,
      ),
    ).toBe(true)
    expect(slopePerHour(during(15, (minute) => 50 + 2 * minute))).toBeCloseTo(120)
  })

  it('a leak of a megabyte an hour is seen in a day, under a saw-tooth of garbage', () => {
    expect(
      growsSteadily(
        during(1440, (minute) => 50 + minute / 60 + (minute % 7) / 2),
        8,
      ),
    ).toBe(false)
    expect(
      growsSteadily(
        during(2880, (minute) => 50 + minute / 60 + (minute % 7) / 2),
        8,
      ),
    ).toBe(true)
  })

  it('a start that fills caches, garbage that is collected, and a single step are no growth', () => {
    expect(
      growsSteadily(
        during(15, (minute) => 50 + 40 * Math.min(1, minute / 2)),
        8,
      ),
    ).toBe(false)
    expect(
      growsSteadily(
        during(60, (minute) => 50 + (minute % 9) * 3),
        8,
      ),
    ).toBe(false)
    expect(
      growsSteadily(
        during(60, (minute) => (minute < 58 ? 50 : 90)),
        8,
      ),
    ).toBe(false)
  })

  it('too few readings say nothing', () => {
    expect(
      growsSteadily(
        during(5, (minute) => 50 + 20 * minute),
        8,
      ),
    ).toBe(false)
    expect(slopePerHour(during(1, () => 1))).toBeNull()
  })
})
