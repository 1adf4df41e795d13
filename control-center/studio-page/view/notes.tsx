import { Card } from './card.tsx'
import type { Studio } from './use-studio.ts'

const SHOWN_MAX = 8

/** What happened to our session, or to the last one, newest first. */
export function Notes({ studio: { session, truth, person, timeOfDay } }: { studio: Studio }) {
  const last = session ?? truth.sessions.find(({ anchorId, kind }) => anchorId === person.id && kind === 'anchor')
  if (last === undefined || last.notes.length === 0) return null
  return (
    <Card title={session === null ? 'What happened in your last session' : 'What happened'} name="notes">
      <ol>
        {last.notes
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
