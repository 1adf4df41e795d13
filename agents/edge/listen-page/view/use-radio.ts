import { useEffect, useRef, useState } from 'preact/hooks'
import { fetchNowPlaying, isOtherStep, type NowPlaying, type Shown, shownNow } from '../now-playing.ts'
import { Player, type PlayerState } from '../player/player.ts'
import { chooseSound } from '../player/sound.ts'
import { type Spectrum, tapSpectrum } from '../player/spectrum.ts'
import type { Station } from '../station.ts'

export type Radio = {
  isReady: boolean
  state: PlayerState
  positionMs: number | null
  /** How far the listener is behind the studio; null while it is not known. */
  behindMs: number | null
  shown: Shown | null
  told: NowPlaying | null
  toggle(): void
  spectrum(): Spectrum | null
  audio: HTMLAudioElement
}

const TICK_MS = 250
/** While nobody listens here, and after a failed question. */
const IDLE_REFRESH_MS = 15_000

/** The player and what is on, for the page to draw. */
export function useRadio(station: Station | null): Radio {
  const [audio] = useState(() => new Audio())
  const [isReady, setIsReady] = useState(false)
  const [told, setTold] = useState<NowPlaying | null>(null)
  const [, redraw] = useState(0)
  const player = useRef<Player | null>(null)
  const canBeAnalysed = useRef(false)
  const behindMs = useRef<number | null>(null)
  const tap = useRef<ReturnType<typeof tapSpectrum>>(null)

  useEffect(() => {
    void chooseSound().then((sound) => {
      canBeAnalysed.current = sound.canBeAnalysed
      player.current = new Player(audio, sound.open, () => redraw((count) => count + 1))
      setIsReady(true)
    })
  }, [audio])

  useEffect(() => {
    if (station === null) return
    let askedFor: number | null | undefined
    let askedAtMs = Number.NEGATIVE_INFINITY
    let isAsking = false
    let titleThen = ''
    const tick = (): void => {
      redraw((count) => count + 1)
      const positionMs = player.current?.positionMs ?? null
      const title = `${player.current?.timed?.title} ${player.current?.timed?.artist}`
      const isDue =
        askedFor === undefined ||
        title !== titleThen ||
        isOtherStep(positionMs, askedFor) ||
        performance.now() - askedAtMs > IDLE_REFRESH_MS
      if (!isDue || isAsking || document.hidden) return
      isAsking = true
      askedFor = positionMs
      askedAtMs = performance.now()
      titleThen = title
      fetchNowPlaying(positionMs)
        .then((answer) => {
          behindMs.current = positionMs === null ? null : Math.max(0, answer.nowMs - positionMs)
          setTold(answer)
        })
        // What was told last stands, and the stream's own titles go on.
        .catch(() => undefined)
        .finally(() => {
          isAsking = false
        })
    }
    const ticking = setInterval(tick, TICK_MS)
    tick()
    return () => clearInterval(ticking)
  }, [station])

  const positionMs = player.current?.positionMs ?? null
  return {
    isReady: isReady && station !== null,
    state: player.current?.state ?? 'stopped',
    positionMs,
    behindMs: positionMs === null ? null : behindMs.current,
    shown: shownNow(told, player.current?.timed ?? null, positionMs),
    told,
    audio,
    spectrum: () => tap.current?.read ?? null,
    toggle() {
      if (player.current === null || station === null) return
      if (player.current.isWanted) {
        player.current.stop()
        return
      }
      if (canBeAnalysed.current) tap.current ??= tapSpectrum(audio)
      tap.current?.resume()
      player.current.play(`hls/${station.station.id}/master.m3u8`)
    },
  }
}
