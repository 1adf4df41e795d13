/** Root mean square of the differences of two signals over a span of samples, in dB of full scale; −Infinity when they are equal. */
export function errorDb(a: Float32Array, b: Float32Array, from: number, to: number): number {
  let sum = 0
  for (let index = from; index < to; index++) sum += (a[index]! - b[index]!) ** 2
  return 10 * Math.log10(sum / (to - from))
}

export const formatDb = (db: number): string =>
  db === Number.NEGATIVE_INFINITY ? 'no difference' : `${db.toFixed(1)} dB`
