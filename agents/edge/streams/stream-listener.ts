import type { ServerResponse } from 'node:http'
import type { NumberedFrame } from '../../../media/frame-bundle.ts'
import type { Title } from '../../../schemas/markers.ts'
import type { FrameFeed } from './frame-feed.ts'
import type { StreamFormat } from './stream-format.ts'

/** Half a minute at 128 kbit/s: who is that far behind will not come back. */
export const QUEUE_BYTES_MAX = 512 * 1024

/**
 * Feeds one listener until the connection ends: every frame once, in order. One that reads too slowly is cut off,
 * since skipping would be a silent hole for it and a queue without an end would be everybody's.
 * `onEnd` is called once.
 */
export function feedListener(
  feed: FrameFeed,
  format: StreamFormat,
  response: ServerResponse,
  onEnd: (why: 'left' | 'too slow') => void,
): void {
  response.writeHead(200, { ...format.headers, 'cache-control': 'no-store' })
  response.flushHeaders()
  let next: number | null = null
  let told: Title | null = null
  let why: 'left' | 'too slow' = 'left'

  const send = (): void => {
    const newest = feed.frames[feed.frames.length - 1]
    if (newest === undefined) return
    // What is left of earlier times: a burst after an outage is nobody's slowness.
    if (response.writableLength > QUEUE_BYTES_MAX) {
      why = 'too slow'
      response.destroy()
      return
    }
    const until = newest.frame + 1 - format.delayFrames
    if (next === null) {
      next = Math.max(feed.frames[0]!.frame, until - format.burstFrames)
      if (next < until) response.write(format.start(next))
      else {
        next = null
        return
      }
    }
    for (const run of runsOfOneTitle(framesBetween(feed.frames, next, until), feed.titles)) {
      const isNews = run.title !== null && run.title !== told
      response.write(format.frames(run.frames, isNews ? run.title : null))
      if (isNews) told = run.title
      next = run.frames[run.frames.length - 1]!.frame + 1
    }
  }

  const unsubscribe = feed.subscribe(send)
  response.once('close', () => {
    unsubscribe()
    onEnd(why)
  })
  send()
}

/** By number: [from, until). The frames come in rising order. */
function framesBetween(frames: readonly NumberedFrame[], from: number, until: number): NumberedFrame[] {
  let first = frames.length
  while (first > 0 && frames[first - 1]!.frame >= from) first -= 1
  const found: NumberedFrame[] = []
  for (let at = first; at < frames.length && frames[at]!.frame < until; at += 1) found.push(frames[at]!)
  return found
}

/** Cuts a row of frames where its title changes. */
export function runsOfOneTitle(
  frames: readonly NumberedFrame[],
  titles: readonly Title[],
): { title: Title | null; frames: NumberedFrame[] }[] {
  const runs: { title: Title | null; frames: NumberedFrame[] }[] = []
  for (const numbered of frames) {
    const title = titles.findLast((candidate) => candidate.frame <= numbered.frame) ?? null
    const last = runs[runs.length - 1]
    if (last !== undefined && last.title === title) last.frames.push(numbered)
    else runs.push({ title, frames: [numbered] })
  }
  return runs
}
