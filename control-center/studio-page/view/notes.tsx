import type { LiveSession } from '../../../schemas/live.ts'
import { Card } from './card.tsx'
import type { Studio } from './use-studio.ts'

const SHOWN_MAX = 8

/** What happened in our session; while there is nothing to tell of it, in the one before. */
export function Notes({ studio: { session, truth, person, timeOfDay } }: { studio: Studio }) {
  const own = truth.sessions.filter(({ anchorId, kind }) => anchorId === person.id && kind === 'anchor')
  const told =
    session !== null && hasHappened(session) ? session : own.find((one) => one !== session && hasHappened(one))
  if (told === undefined) return null
  const { onAirFromMs, onAirUntilMs } = told
  const isOver = told.state === 'ended'
  return (
    <Card title={isOver ? 'Your last session' : 'What happened'} name="notes">
      {isOver && onAirFromMs !== null && onAirUntilMs !== null && (
        <p>
          On air from {timeOfDay(onAirFromMs)} to {timeOfDay(onAirUntilMs)}. {told.reason}
        </p>
      )}
      <ol>
        {told.notes
          .slice(-SHOWN_MAX)
          .toReversed()
          .map((note) => (
            <li key={`${note.atMs} ${note.text}`}>
              <time>{timeOfDay(note.atMs)}</time> <span class="what">{note.text}</span>
            </li>
          ))}
      </ol>
    </Card>
  )
}

const hasHappened = ({ notes, onAirUntilMs }: LiveSession): boolean => notes.length > 0 || onAirUntilMs !== null
