import { Card } from './card.tsx'
import type { Studio } from './use-studio.ts'
import { duration, remaining } from './words.ts'

/** What plays, how long still, and what comes. */
export function Rundown({ studio: { programme, nowMs, truth, timeOfDay } }: { studio: Studio }) {
  const { onAir, next, upcoming } = programme
  const leftMs = onAir === null || nowMs === null ? null : onAir.endMs - nowMs
  const isLive = onAir?.kind === 'live'
  // A bed lies there until something better comes: its end moves on with the time, as that of a live turn does.
  const hasEnd = onAir !== null && !isLive && onAir.kind !== 'bed' && onAir.kind !== 'emergency'
  return (
    <Card title="Rundown" name="rundown">
      {onAir !== null && (
        <div class="on-now">
          <p>
            <span class="faint">{isLive ? 'Live' : 'Plays now'}</span> <b>{onAir.title}</b>
            {onAir.artist && <span class="faint"> {onAir.artist}</span>}
          </p>
          {isLive && next !== null && (
            <p>
              <span class="faint">Afterwards</span> {next}
            </p>
          )}
          {hasEnd && leftMs !== null && (
            <p class="countdown" data-close={leftMs < 20_000}>
              {leftMs > 0 ? remaining(leftMs) : 'changes now'}
              <span class="faint"> to the next item</span>
            </p>
          )}
        </div>
      )}
      <ol>
        {upcoming.map((item) => (
          <li key={item.id}>
            <time>{timeOfDay(item.startMs)}</time>
            <span class="what">
              {item.title}
              {item.artist && <span class="faint"> {item.artist}</span>}
            </span>
            <span class="faint">{duration(item.endMs - item.startMs)}</span>
          </li>
        ))}
      </ol>
      {truth.by !== 'control-center' && <p class="warn">As last known: the control center does not answer.</p>}
      {isLive && upcoming.length > 0 && (
        <p class="faint">As planned: what has no fixed time moves to where the turn ends.</p>
      )}
      {upcoming.length === 0 && <p class="faint">Nothing is known of what comes next.</p>}
    </Card>
  )
}
