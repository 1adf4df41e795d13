import { msOfSample, SAMPLE_RATE, sampleAtMs } from '../../media/timeline.ts'
import type { HeardItem, NowPlayingAnswer } from '../../schemas/api.ts'
import type { PlacedItem } from '../../schemas/playout.ts'
import type { AsRunEntry, Rundown } from '../../schemas/rundown.ts'

const RECENT_MAX = 12
const UNREAD_SAMPLES_MAX = 60 * SAMPLE_RATE

/** What is known about what played and what will. */
export type Known = {
  /** In order of their starts. */
  asRun: AsRunEntry[]
  onAir: PlacedItem | null
  next: PlacedItem | null
  rundown: Rundown | null
}

type Span = {
  itemId: string
  title: string
  artist: string
  kind: HeardItem['kind']
  show?: string | undefined
  startSample: number
  endSample: number
  from: HeardItem['from']
}

/**
 * What a listener hears who is at an instant of the timeline: a few seconds ago for most, the past hour for some. What
 * really played counts; the plan fills in what has not played yet.
 */
export function nowPlaying(atMs: number, nowMs: number, known: Known): NowPlayingAnswer {
  const spans = spansOf(known)
  const sample = sampleAtMs(atMs)
  const current = spans.findLastIndex(
    (span, index) => announcedFrom(span, spans[index - 1]) <= sample && sample < span.endSample,
  )
  const now = spans[current]
  const later = spans.filter((span) => span.startSample > Math.max(sample, now?.startSample ?? 0))
  const earlier = spans.filter(
    (span) => span.startSample <= sample && span !== now && span.endSample > span.startSample,
  )
  return {
    atMs,
    nowMs,
    now: now ? heard(now) : null,
    next: heardOrNull(later.find(isAnnounced)),
    recent: earlier.filter(isAnnounced).slice(-RECENT_MAX).reverse().map(heard),
  }
}

/** What played, newest first, without jingles and idents. */
export function history(known: Known, limit: number): HeardItem[] {
  const played = spansOf({ ...known, next: null, rundown: null })
  return played.filter(isAnnounced).slice(-limit).reverse().map(heard)
}

/** Many listeners ask between two changes: the spans of one state of knowledge are put in order once. */
const spansByKnown = new WeakMap<Known, Span[]>()

function spansOf(known: Known): Span[] {
  const kept = spansByKnown.get(known)
  if (kept) return kept
  const spans = orderedSpans(known)
  spansByKnown.set(known, spans)
  return spans
}

/**
 * The as-run log, then what is on air, then the plan from there on: in order of starts, each item once. While somebody is live nobody
 * knows when the plan goes on: only what playout would play next is told.
 */
function orderedSpans({ asRun, onAir, next, rundown }: Known): Span[] {
  const spans: Span[] = asRun
    .filter((entry) => !(onAir && entry.itemId === onAir.itemId && entry.startSample === onAir.startSample))
    .map((entry) => spanOf(entry, entry.endSample, 'as-run'))
  if (onAir) spans.push(spanOf(onAir, onAir.endSample, 'as-run'))
  spans.sort((a, b) => a.startSample - b.startSample)
  if (next && next.startSample > (spans.at(-1)?.startSample ?? -1)) spans.push(spanOf(next, next.endSample, 'plan'))
  // The log knows of the item on air only how far it has come: until it is read again, what follows tells where it ended.
  for (const [index, span] of spans.entries()) {
    const gap = (spans[index + 1]?.startSample ?? 0) - span.endSample
    if (gap > 0 && gap < UNREAD_SAMPLES_MAX) span.endSample += gap
  }
  const knownUntil = spans.at(-1)?.startSample ?? -1
  const seen = new Set(spans.map(({ itemId }) => itemId))
  const isLive = onAir?.rung === 'live'
  for (const item of (isLive ? null : rundown?.items) ?? [])
    if (item.startSample > knownUntil && !seen.has(item.id))
      spans.push(spanOf({ ...item, itemId: item.id }, item.startSample + item.lengthSamples, 'plan'))
  return spans
}

function spanOf(item: Omit<Span, 'endSample' | 'from'>, endSample: number, from: Span['from']): Span {
  const { itemId, title, artist, kind, show, startSample } = item
  return { itemId, title, artist, kind, show, startSample, endSample, from }
}

/** Neighbours overlap by their fades: in the middle of it the later one is announced, as by the stream's own titles. */
const announcedFrom = ({ startSample }: Span, before: Span | undefined): number =>
  startSample + Math.max(0, Math.floor(((before?.endSample ?? 0) - startSample) / 2))

const isAnnounced = ({ kind }: Span): boolean => kind !== 'jingle' && kind !== 'ident'

const heardOrNull = (span: Span | undefined): HeardItem | null => (span ? heard(span) : null)

const heard = (span: Span): HeardItem => ({
  itemId: span.itemId,
  title: span.title,
  artist: span.artist,
  kind: span.kind,
  ...(span.show === undefined ? {} : { show: span.show }),
  startedAtMs: msOfSample(span.startSample),
  endsAtMs: msOfSample(span.endSample),
  from: span.from,
})
