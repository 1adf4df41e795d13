import type HlsPlayer from 'hls.js/light'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PlaybackAnswer } from '../../../schemas/api-live.ts'
import { ask } from '../account/api.ts'
import { Card } from './card.tsx'
import type { Studio } from './use-studio.ts'

const EXPIRES_IN_SECONDS = 86_400
const OPENED_AGAIN_MS = 3_000

/** What listeners hear, some seconds late. Muted while on air: loudspeakers would go into the microphone. */
export function Preview({ studio }: { studio: Studio }) {
  const audio = useRef<HTMLAudioElement>(null)
  const [isOpen, setIsOpen] = useState(false)
  const [isMuted, setIsMuted] = useState(true)
  const [problem, setProblem] = useState<string | null>(null)
  const [behindMs, setBehindMs] = useState<number | null>(null)
  const latest = useRef(studio)
  latest.current = studio
  const isOnAir = ['on-air', 'covered', 'ending'].includes(studio.standing.state)

  useEffect(() => {
    if (isOnAir) setIsMuted(true)
  }, [isOnAir])
  useEffect(() => {
    if (audio.current) audio.current.muted = isMuted
  }, [isMuted])
  useEffect(() => {
    if (!isOpen) return
    return playAir(audio.current!, setProblem, (playingMs) => {
      const { nowMs } = latest.current
      setBehindMs(nowMs === null || playingMs === null ? null : nowMs - playingMs)
    })
  }, [isOpen])

  return (
    <Card title="What listeners hear" name="preview">
      <audio ref={audio} muted />
      <div class="row">
        <button type="button" aria-pressed={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Stop' : 'Play the air'}
        </button>
        <button type="button" aria-pressed={!isMuted} disabled={!isOpen} onClick={() => setIsMuted(!isMuted)}>
          {isMuted ? 'Muted: let me hear it' : 'You hear it: mute'}
        </button>
      </div>
      {isOpen && behindMs !== null && (
        <p class="faint">{Math.max(0, Math.round(behindMs / 1_000))} s behind the studio, as listeners are.</p>
      )}
      {isOpen && problem !== null && <p class="problem">{problem}</p>}
      {isOnAir && (
        <p class={isMuted ? 'faint' : 'problem'}>
          {isMuted
            ? 'Muted because you are on air. Listen with headphones only.'
            : 'Headphones only: from loudspeakers your microphone takes it in again.'}
        </p>
      )}
    </Card>
  )
}

/** Plays what the edge gives out; opened anew when it breaks. Answers how to end it. */
function playAir(
  audio: HTMLAudioElement,
  tellProblem: (problem: string | null) => void,
  tellPosition: (playingMs: number | null) => void,
): () => void {
  let hls: HlsPlayer | null = null
  let isEnded = false
  let again: ReturnType<typeof setTimeout> | undefined
  const openAgain = (problem: string): void => {
    tellProblem(problem)
    hls?.destroy()
    hls = null
    if (!isEnded) again = setTimeout(() => void open(), OPENED_AGAIN_MS)
  }
  const open = async (): Promise<void> => {
    try {
      const { url } = await ask<PlaybackAnswer>('POST', '/api/playback-address', {
        expiresInSeconds: EXPIRES_IN_SECONDS,
      })
      const { default: Hls } = await import('hls.js/light')
      if (isEnded) return
      if (!Hls.isSupported()) audio.src = url
      else {
        hls = new Hls({ liveSyncDurationCount: 3, maxBufferLength: 30, backBufferLength: 10 })
        hls.on(Hls.Events.ERROR, (_, { fatal, details }) => {
          if (fatal) openAgain(`The air can't be played: ${details}. It is tried again.`)
        })
        hls.on(Hls.Events.FRAG_BUFFERED, () => tellProblem(null))
        hls.loadSource(url)
        hls.attachMedia(audio)
      }
      await audio.play().catch(() => undefined)
    } catch (error) {
      openAgain((error as Error).message)
    }
  }
  void open()
  const telling = setInterval(() => tellPosition(hls?.playingDate?.getTime() ?? null), 1_000)
  return () => {
    isEnded = true
    clearTimeout(again)
    clearInterval(telling)
    hls?.destroy()
    audio.removeAttribute('src')
    audio.load()
  }
}
