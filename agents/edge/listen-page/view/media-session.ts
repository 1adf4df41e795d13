import { useEffect } from 'preact/hooks'
import type { Radio } from './use-radio.ts'

/** Lock screens, headsets and keyboards' media keys; and the tab's title. */
export function useMediaSession(radio: Radio, stationName: string): void {
  const { shown, state } = radio
  const title = shown?.title || stationName
  const artist = shown?.artist ?? ''
  const isOn = state !== 'stopped'
  useEffect(() => {
    document.title = isOn && shown !== null ? `${title} · ${stationName}` : stationName
    if (!('mediaSession' in navigator)) return
    const artwork = [{ src: new URL('icon.svg', document.baseURI).href, sizes: 'any', type: 'image/svg+xml' }]
    navigator.mediaSession.metadata = new MediaMetadata({
      title,
      artist: artist || stationName,
      album: stationName,
      artwork,
    })
    navigator.mediaSession.playbackState = isOn ? 'playing' : 'paused'
  }, [title, artist, isOn, stationName, shown === null])
  useEffect(() => {
    if (!('mediaSession' in navigator)) return
    for (const action of ['play', 'pause', 'stop'] as const) {
      navigator.mediaSession.setActionHandler(action, () => {
        if ((action === 'play') !== isOn) radio.toggle()
      })
    }
  })
}
