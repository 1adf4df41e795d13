import { useEffect, useState } from 'preact/hooks'

const STORED_AS = 'airtight-volume'

function storedVolume(): number {
  try {
    const stored = Number(localStorage.getItem(STORED_AS) ?? 1)
    return stored >= 0 && stored <= 1 ? stored : 1
  } catch {
    return 1
  }
}

/** Telephones leave the volume to their buttons, and ignore what a page sets. */
function canSetVolume(audio: HTMLAudioElement): boolean {
  audio.volume = 0.5
  const isSet = audio.volume === 0.5
  audio.volume = 1
  return isSet
}

export function Volume({ audio }: { audio: HTMLAudioElement }) {
  const [isSettable] = useState(() => canSetVolume(audio))
  const [volume, setVolume] = useState(storedVolume)
  const [isMuted, setIsMuted] = useState(false)
  useEffect(() => {
    audio.volume = volume
    audio.muted = isMuted
    try {
      localStorage.setItem(STORED_AS, String(volume))
    } catch {
      // A private window keeps nothing.
    }
  }, [audio, volume, isMuted])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'm' && !event.ctrlKey && !event.metaKey && !event.altKey) setIsMuted((before) => !before)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  const isQuiet = isMuted || volume === 0
  return (
    <div class="volume">
      <button
        type="button"
        class="mute"
        aria-pressed={isMuted}
        aria-label="Mute"
        title="Mute (M)"
        onClick={() => setIsMuted(!isMuted)}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 9.5v5h3.2L12 18.5v-13L7.2 9.5z" class="solid" />
          {isQuiet ? (
            <path d="m16 9.5 5 5m0-5-5 5" />
          ) : (
            <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.7 7.7 0 0 1 0 11" />
          )}
        </svg>
      </button>
      {isSettable && (
        <input
          type="range"
          min="0"
          max="1"
          step="0.02"
          value={isMuted ? 0 : volume}
          aria-label="Volume"
          style={`--filled: ${(isMuted ? 0 : volume) * 100}%`}
          onInput={(event) => {
            setVolume(Number(event.currentTarget.value))
            setIsMuted(false)
          }}
        />
      )}
    </div>
  )
}
