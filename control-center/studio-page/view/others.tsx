import { useState } from 'preact/hooks'
import type { LiveSession } from '../../../schemas/live.ts'
import { Card } from './card.tsx'
import type { Studio } from './use-studio.ts'
import { sourceWord, stateWord } from './words.ts'

/** Who else is there: the next anchor to hand over to; and for an operator, everybody's orders. */
export function Others({ studio }: { studio: Studio }) {
  const { truth, session } = studio
  const others = truth.sessions.filter(({ id, state }) => id !== session?.id && state !== 'ended')
  if (others.length === 0) return null
  return (
    <Card title="Others" name="others">
      <ul>
        {others.map((other) => (
          <Other key={other.id} studio={studio} other={other} />
        ))}
      </ul>
      {truth.by !== 'control-center' && <p class="warn">As last known: the control center does not answer.</p>}
    </Card>
  )
}

function Other({ studio, other }: { studio: Studio; other: LiveSession }) {
  const { session, truth, asking, timeOfDay } = studio
  const [isHeard, setIsHeard] = useState(false)
  const isOnAir = other.state === 'on-air'
  const canTakeOver = session?.state === 'on-air' && other.state === 'ready'
  const since = isOnAir && other.onAirFromMs !== null ? ` since ${timeOfDay(other.onAirFromMs)}` : ''
  return (
    <li>
      <p>
        <b>{other.anchorName}</b>{' '}
        <span class={isOnAir ? 'bad' : 'faint'}>
          {stateWord(other.state)}
          {since}
          {other.covered !== null && ', covered by music'}
        </span>
        <span class="faint"> · {sourceWord(other.source)}</span>
      </p>
      <div class="row">
        {canTakeOver && (
          <button
            type="button"
            class="primary"
            disabled={asking !== null}
            onClick={() => studio.give(session.id, 'hand-over', { to: other.id })}
          >
            Hand over to {other.anchorName}
          </button>
        )}
        {studio.mayDirect && (
          <>
            <button type="button" aria-pressed={isHeard} onClick={() => setIsHeard(!isHeard)}>
              {isHeard ? 'Stop listening' : 'Listen in'}
            </button>
            {other.state === 'ready' && other.pending === null && truth.onAirSessionId === null && (
              <button
                type="button"
                disabled={asking !== null}
                onClick={() => studio.give(other.id, 'go-live', { when: 'now' })}
              >
                Put on air
              </button>
            )}
            {isOnAir && (
              <button type="button" disabled={asking !== null} onClick={() => studio.give(other.id, 'end')}>
                End theirs
              </button>
            )}
          </>
        )}
      </div>
      {isHeard && (
        // biome-ignore lint/a11y/useMediaCaption: somebody speaks into a microphone
        <audio src={`/api/live/sessions/${other.id}/preview`} autoplay controls />
      )}
    </li>
  )
}
