/** Segments [from, to). */
export type Span = { from: number; to: number }

/**
 * The segments of a range that are not held and not excused, as spans of neighbours of at most `lengthMax`, oldest first:
 * what is oldest is lost first elsewhere.
 */
export function missingSpans(
  range: Span,
  isHeld: (segment: number) => boolean,
  isExcused: (segment: number) => boolean,
  lengthMax: number,
): Span[] {
  const spans: Span[] = []
  for (let segment = range.from; segment < range.to; segment += 1) {
    if (isHeld(segment) || isExcused(segment)) continue
    const last = spans[spans.length - 1]
    if (last && last.to === segment && last.to - last.from < lengthMax) last.to += 1
    else spans.push({ from: segment, to: segment + 1 })
  }
  return spans
}
