import { useEffect, useState } from 'preact/hooks'
import { fetchStation, hueOf, type Station } from '../station.ts'
import { Elsewhere } from './elsewhere.tsx'
import { useMediaSession } from './media-session.ts'
import { OnNow } from './on-now.tsx'
import { PlayButton } from './play-button.tsx'
import { Recent } from './recent.tsx'
import { useRadio } from './use-radio.ts'
import { Volume } from './volume.tsx'
import { sentenceOf } from './words.ts'

export function Page() {
  const [station, setStation] = useState<Station | null>(null)
  useEffect(() => {
    void fetchStation().then((found) => {
      document.documentElement.style.setProperty('--hue', String(hueOf(found.station.id)))
      setStation(found)
    })
  }, [])
  const radio = useRadio(station)
  const name = station?.station.name ?? 'Radio'
  useMediaSession(radio, name)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isOnControl = event.target instanceof Element && event.target.closest('button, a, input') !== null
      if (event.key !== ' ' || isOnControl) return
      event.preventDefault()
      radio.toggle()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  const isTroubled = radio.state === 'reconnecting' || radio.state === 'offline' || radio.state === 'waiting'
  return (
    <main data-state={radio.state}>
      <header>
        <span class="dot" aria-hidden="true" />
        <h1>{name}</h1>
      </header>
      <div class="listen">
        <PlayButton radio={radio} />
        <p class="standing" role="status" data-troubled={isTroubled}>
          {station === null ? 'Looking for the station…' : sentenceOf(radio.state)}
          {radio.state === 'playing' && radio.behindMs !== null && (
            <span aria-hidden="true"> · {Math.max(1, Math.round(radio.behindMs / 1_000))} s behind the studio</span>
          )}
        </p>
        <Volume audio={radio.audio} />
      </div>
      <div class="programme">
        <OnNow radio={radio} stationName={name} />
        <Recent items={radio.told?.recent ?? []} />
      </div>
      {station !== null && <Elsewhere station={station} />}
    </main>
  )
}
