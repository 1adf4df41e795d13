import { createAdtsSplitter } from '../../media/adts-splitter.ts'
import { FRAME_MS } from '../../media/timeline.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { createIcyReader } from './icy-reader.ts'
import { createPlayOut } from './play-out.ts'

export type EndlessReport = {
  url: string
  frames: number
  /** Places where the row of ADTS headers broke. */
  headerErrors: number
  /** The longest time in which nothing arrived. */
  longestSilenceOfWireMs: number
  /** A player that starts with what comes in the first second, and then plays in real time. */
  stallMs: number
  leastBufferMs: number | null
  /** Why it ended before its time; null when it did not. */
  endedEarly: string | null
  titles: { atMs: number; title: string }[]
  /** Raw access units, in order of arrival. */
  units: Buffer[]
}

export type EndlessOptions = {
  seconds: number
  clock?: Clock
  signal?: AbortSignal | undefined
  /** Ends the listening before its time, with what was heard until then. */
  enough?: AbortSignal | undefined
  /** Ask for ICY titles. Default true. */
  icy?: boolean
}

/** Listens to an endless ADTS stream for a time, as a car radio does: one connection, no retry. Rejects only when aborted. */
export async function listenToEndless(url: string, options: EndlessOptions): Promise<EndlessReport> {
  const clock = options.clock ?? systemClock
  const over = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal
  const cancel = clock.after(options.seconds * 1000, () => over.abort(OVER))
  options.enough?.addEventListener('abort', () => over.abort(OVER), { once: true })
  const playOut = createPlayOut()
  const units: Buffer[] = []
  const titles: EndlessReport['titles'] = []
  const splitter = createAdtsSplitter((unit) => units.push(unit))
  const beganMs = clock.monotonicMs()
  let arrivedMs = beganMs
  let longestMs = 0
  let endedEarly: string | null = null
  try {
    const answer = await fetch(url, { signal, headers: options.icy === false ? {} : { 'icy-metadata': '1' } })
    if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`)
    const metaint = Number(answer.headers.get('icy-metaint') ?? 0)
    const icy =
      metaint > 0 ? createIcyReader(metaint, (title) => titles.push({ atMs: clock.monotonicMs(), title })) : null
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      const nowMs = clock.monotonicMs()
      longestMs = Math.max(longestMs, nowMs - arrivedMs)
      arrivedMs = nowMs
      const before = units.length
      const bytes = Buffer.from(chunk)
      splitter.push(icy ? icy.push(bytes) : bytes)
      if (units.length > before) playOut.feed(nowMs, (units.length - before) * FRAME_MS)
      if (nowMs - beganMs > 1000) playOut.settle(nowMs)
    }
    endedEarly = 'the server ended the stream'
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!over.signal.aborted) endedEarly = (error as Error).message
  } finally {
    cancel()
  }
  const endMs = clock.monotonicMs()
  const { stallMs, leastBufferMs } = playOut.result(endMs)
  return {
    url,
    frames: units.length,
    headerErrors: splitter.errors,
    longestSilenceOfWireMs: Math.max(longestMs, endMs - arrivedMs),
    stallMs,
    leastBufferMs,
    endedEarly,
    titles,
    units,
  }
}

const OVER = new Error('the time is over')
