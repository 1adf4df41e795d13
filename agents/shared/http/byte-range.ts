/** `null`: the whole body. `unsatisfiable`: 416. The end is not included. */
export type ByteRange = { start: number; end: number } | 'unsatisfiable' | null

/** A `Range` header (RFC 9110, 14.2) for a body of a length. Anything but a single range of bytes is ignored, as a server may. */
export function byteRangeOf(header: string | undefined, length: number): ByteRange {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (!match) return null
  const [, first, last] = match as unknown as [string, string, string]
  if (first === '') {
    if (last === '') return null
    const suffix = Math.min(Number(last), length)
    return suffix === 0 ? 'unsatisfiable' : { start: length - suffix, end: length }
  }
  const start = Number(first)
  const end = last === '' ? length : Math.min(Number(last) + 1, length)
  if (last !== '' && Number(last) < start) return null
  return start >= length ? 'unsatisfiable' : { start, end }
}
