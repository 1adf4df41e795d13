import { useEffect, useRef } from 'preact/hooks'
import { drawDisc } from './disc.ts'
import type { Radio } from './use-radio.ts'

/** The one big button, in its ring of sound. */
export function PlayButton({ radio }: { radio: Radio }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef(radio)
  latest.current = radio
  useEffect(
    () =>
      drawDisc(
        canvas.current!,
        () => latest.current.spectrum(),
        () => latest.current.state === 'playing',
      ),
    [],
  )
  const isOn = radio.state !== 'stopped'
  const isBusy = isOn && radio.state !== 'playing'
  return (
    <div class="disc" data-state={radio.state}>
      <div class="ring" aria-hidden="true">
        <canvas ref={canvas} />
      </div>
      <button
        type="button"
        class="play"
        onClick={() => radio.toggle()}
        disabled={!radio.isReady}
        aria-label={isOn ? 'Stop' : 'Play'}
        aria-busy={isBusy}
      >
        <svg viewBox="0 0 48 48" aria-hidden="true">
          {isOn ? (
            <path d="M15 12h6v24h-6zM27 12h6v24h-6z" />
          ) : (
            <path d="M17 11.5v25a1 1 0 0 0 1.5.9l21-12.5a1 1 0 0 0 0-1.8l-21-12.5a1 1 0 0 0-1.5.9z" />
          )}
        </svg>
      </button>
    </div>
  )
}
