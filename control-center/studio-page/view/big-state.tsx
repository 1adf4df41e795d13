import type { Standing } from '../truth/standing.ts'
import { Shape } from './shape.tsx'
import type { Studio } from './use-studio.ts'
import { duration, remaining } from './words.ts'

/** The words that nobody can misread: text, shape and colour say the same. */
export function BigState({ studio: { standing, nowMs, truth } }: { studio: Studio }) {
  return (
    <section class="state" aria-label="On air?">
      <Shape state={standing.state} />
      <div>
        <p class="headline" role="status" aria-live="assertive">
          {standing.headline}
        </p>
        <p class="detail" aria-live="polite">
          {standing.detail}
        </p>
      </div>
      <p class="timer" aria-hidden="true">
        {timerOf(standing, nowMs)}
      </p>
      {truth.by === 'ingest' && (
        <p class="way">The control center does not answer: this is known from the ingest, and orders go there.</p>
      )}
    </section>
  )
}

function timerOf({ sinceMs, untilMs }: Standing, nowMs: number | null): string {
  if (nowMs === null) return ''
  if (untilMs !== null) return `−${remaining(untilMs - nowMs)}`
  return sinceMs === null ? '' : duration(nowMs - sinceMs)
}
