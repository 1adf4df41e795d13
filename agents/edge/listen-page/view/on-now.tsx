import type { Radio } from './use-radio.ts'
import { duration, isOpenEnded, kindWord } from './words.ts'

/** What this listener hears now, how far it has come, and what follows. */
export function OnNow({ radio, stationName }: { radio: Radio; stationName: string }) {
  const { shown, told, positionMs } = radio
  const item = shown?.item ?? null
  const atMs = positionMs ?? told?.atMs ?? null
  const lengthMs = item === null ? 0 : item.endsAtMs - item.startedAtMs
  const doneMs = item === null || atMs === null ? 0 : Math.min(lengthMs, Math.max(0, atMs - item.startedAtMs))
  const isMeasured = item !== null && atMs !== null && lengthMs > 0 && !isOpenEnded(shown?.kind ?? '')
  const isLive = shown?.kind === 'live'
  const above = isLive
    ? [shown.artist, shown.show].filter(Boolean).join(' · ')
    : [shown === null ? null : kindWord(shown.kind), shown?.show].filter(Boolean).join(' · ')
  const next = told?.next != null && told.next.itemId !== item?.itemId ? told.next : null
  return (
    <section class="on-now" aria-label="On now">
      <p class="above">
        {isLive && <span class="live">Live</span>} {above || 'On now'}
      </p>
      <div aria-live="polite">
        <h2>{shown?.title || (isLive && shown.artist) || stationName}</h2>
        <p class="artist">{(!isLive && shown?.artist) || ' '}</p>
      </div>
      <div class="progress" data-measured={isMeasured}>
        <div class="track">
          <div class="done" style={`transform: scaleX(${isMeasured ? doneMs / lengthMs : 0})`} />
        </div>
        <p>
          <span>{isMeasured ? duration(doneMs) : ' '}</span>
          <span>{isMeasured ? duration(lengthMs) : ' '}</span>
        </p>
      </div>
      <p class="next">
        {next === null ? (
          ' '
        ) : (
          <>
            <span class="label">Next</span> {next.title}
            {next.artist && <em> {next.artist}</em>}
          </>
        )}
      </p>
    </section>
  )
}
