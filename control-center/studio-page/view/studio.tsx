import type { Person } from '../account/session.ts'
import { BigState } from './big-state.tsx'
import { Connection } from './connection.tsx'
import { Controls } from './controls.tsx'
import { EncoderSettings } from './encoder.tsx'
import { Microphone } from './microphone.tsx'
import { Notes } from './notes.tsx'
import { Others } from './others.tsx'
import { Preview } from './preview.tsx'
import { Rundown } from './rundown.tsx'
import { useOnAirCare } from './use-on-air-care.ts'
import { useStudio } from './use-studio.ts'

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone

export function StudioView({ person, onSignOut }: { person: Person; onSignOut(): void }) {
  const studio = useStudio(person)
  useOnAirCare(studio)
  const { timeZone } = studio.programme
  const isBusy = studio.standing.state !== 'off-air'
  return (
    <main class="studio" data-state={studio.standing.state}>
      <header>
        <h1>{studio.programme.name}</h1>
        <span class="clock" role="timer" aria-label="Station's time">
          {studio.nowMs === null ? '' : studio.timeOfDay(studio.nowMs)}
          {timeZone !== null && timeZone !== HERE && <small class="faint"> {timeZone}</small>}
        </span>
        <span class="who">
          {person.name}{' '}
          <button type="button" class="quiet" onClick={onSignOut} disabled={isBusy}>
            Sign out
          </button>
        </span>
      </header>
      <BigState studio={studio} />
      <Controls studio={studio} />
      {/* Nothing changes its place when the state changes. */}
      <div class="cards">
        <div>
          <Microphone studio={studio} />
          <Connection studio={studio} />
        </div>
        <div>
          <Rundown studio={studio} />
        </div>
        <div>
          <Preview studio={studio} />
          <Notes studio={studio} />
          <Others studio={studio} />
        </div>
      </div>
      <EncoderSettings studio={studio} />
    </main>
  )
}
