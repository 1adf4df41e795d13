export type Reading = { atMs: number; value: number }

/** While a program starts it fills its caches and windows. */
const WARM_UP_MS = 120_000
const READINGS_LEAST = 9

/** Least squares, in units an hour; null with too little to tell. */
export function slopePerHour(readings: readonly Reading[]): number | null {
  const first = readings[0]
  if (!first || readings.length < 3) return null
  const points = readings.map(({ atMs, value }) => ({ x: (atMs - first.atMs) / 3_600_000, y: value }))
  const meanX = meanOf(points.map(({ x }) => x))
  const meanY = meanOf(points.map(({ y }) => y))
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  return spread === 0 ? null : points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
}

/**
 * Whether one process' readings rise steadily: after the warm-up, every reading of the last third is above every one of the first by the
 * margin, and the middle third lies between. A saw-tooth (garbage that is collected now and then) and a single step are neither.
 */
export function growsSteadily(readings: readonly Reading[], margin: number): boolean {
  const start = readings[0]?.atMs ?? 0
  const values = readings.filter(({ atMs }) => atMs - start >= WARM_UP_MS).map(({ value }) => value)
  if (values.length < READINGS_LEAST) return false
  const third = Math.floor(values.length / 3)
  const [first, middle, last] = [values.slice(0, third), values.slice(third, -third), values.slice(-third)]
  const rises = meanOf(first) < meanOf(middle) && meanOf(middle) < meanOf(last)
  return rises && Math.min(...last) - Math.max(...first) > margin && Math.max(...middle) > Math.max(...first)
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
