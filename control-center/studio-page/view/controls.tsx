import { useState } from 'preact/hooks'
import type { GoLiveWhen } from '../../../schemas/live.ts'
import type { Studio } from './use-studio.ts'
import { nextTime, remaining } from './words.ts'

type When = 'now' | 'item-end' | 'at'

/** Go live and End: one of the two is there at a time, and it is big. What they do is seen above, when the engine has done it. */
export function Controls({ studio }: { studio: Studio }) {
  const { session, standing, asking, refusal, nowMs, programme, truth } = studio
  const [when, setWhen] = useState<When>('now')
  const [time, setTime] = useState('')
  const atMs = nowMs === null ? null : nextTime(time, nowMs, programme.timeZone)
  const item = programme.onAir !== null && programme.onAir.kind !== 'live' ? programme.onAir : null
  const isOnAir = session?.state === 'on-air'
  const isPending = session?.pending != null
  const canGoLive = session?.state === 'ready' && !isPending && (when !== 'at' || atMs !== null)

  const goLive = (): void => {
    const order: GoLiveWhen = when === 'at' ? { when, atMs: atMs! } : { when }
    studio.give(session!.id, 'go-live', order)
  }
  return (
    <section class="controls" aria-label="Go live and end">
      {isOnAir ? (
        <>
          <button
            type="button"
            class="big end"
            disabled={asking !== null}
            onClick={() => studio.give(session.id, 'end')}
          >
            <span class="square" aria-hidden="true" />
            {asking === 'end' ? 'Asking…' : 'End'}
          </button>
          <button
            type="button"
            class="big talk-over"
            aria-pressed={session.talkOver}
            disabled={asking !== null}
            onClick={() => studio.give(session.id, 'talk-over', { on: !session.talkOver })}
          >
            Music under my voice: {session.talkOver ? 'on' : 'off'}
          </button>
          {isPending && (
            <button type="button" disabled={asking !== null} onClick={() => studio.give(session.id, 'cancel')}>
              Do not hand over
            </button>
          )}
        </>
      ) : isPending ? (
        <button
          type="button"
          class="big cancel"
          disabled={asking !== null}
          onClick={() => studio.give(session.id, 'cancel')}
        >
          {asking === 'cancel' ? 'Asking…' : 'Cancel: do not go live'}
        </button>
      ) : (
        <button type="button" class="big go" disabled={!canGoLive || asking !== null} onClick={goLive}>
          <span class="disc" aria-hidden="true" />
          {asking === 'go-live' ? 'Asking…' : 'Go live'}
        </button>
      )}
      {!isOnAir && !isPending && session?.state !== 'draining' && (
        <fieldset class="when" disabled={standing.state === 'unknown'}>
          <legend>When</legend>
          <Choice value="now" chosen={when} choose={setWhen}>
            now
          </Choice>
          <Choice value="item-end" chosen={when} choose={setWhen}>
            after this item
            {item !== null && nowMs !== null && item.endMs > nowMs && ` (${remaining(item.endMs - nowMs)})`}
          </Choice>
          <Choice value="at" chosen={when} choose={setWhen}>
            at{' '}
            <input
              type="time"
              step="1"
              value={time}
              aria-label="Time to go live, by the station's clock"
              onInput={({ currentTarget }) => {
                setTime(currentTarget.value)
                setWhen('at')
              }}
            />
            {when === 'at' && atMs !== null && nowMs !== null && ` in ${remaining(atMs - nowMs)}`}
          </Choice>
        </fieldset>
      )}
      {studio.mayDirect && <HoldButton studio={studio} isOn={truth.hold} />}
      {standing.state === 'off-air' && (
        <p class="hint faint">Connect the microphone below, or your encoder, to be able to go live.</p>
      )}
      <p class="problem" role="alert">
        {refusal}
      </p>
    </section>
  )
}

function Choice(props: { value: When; chosen: When; choose(when: When): void; children: preact.ComponentChildren }) {
  return (
    <label>
      <input
        type="radio"
        name="when"
        checked={props.chosen === props.value}
        onChange={() => props.choose(props.value)}
      />
      <span>{props.children}</span>
    </label>
  )
}

function HoldButton({ studio, isOn }: { studio: Studio; isOn: boolean }) {
  return (
    <button
      type="button"
      class="hold"
      aria-pressed={isOn}
      disabled={studio.truth.by !== 'control-center'}
      title="A bed stays on the air between two anchors, in place of the programme"
      onClick={() => studio.hold(!isOn)}
    >
      Hold the air between two anchors: {isOn ? 'on' : 'off'}
    </button>
  )
}
