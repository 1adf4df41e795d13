import { useEffect, useRef, useState } from 'preact/hooks'
import { adviceFor, alongMeter, dbfs, HOT_DBFS, type Level } from '../microphone/level.ts'
import type { Studio } from './use-studio.ts'

const PEAK_HELD_MS = 1_500
const ADVICE_OVER_MS = 3_000
const FALL_PER_SECOND = 0.6
const MARKS = [-48, -36, -24, -12, -6]

/** Peak and RMS of what the microphone gives, before it is sent, drawn as it comes; and what to do about it, in words. */
export function Meter({ studio }: { studio: Studio }) {
  const rmsBar = useRef<HTMLDivElement>(null)
  const peakLine = useRef<HTMLDivElement>(null)
  const [advice, setAdvice] = useState(adviceFor(-120))
  useEffect(() => {
    let shown = 0
    let held = { dbfs: -120, atMs: 0 }
    let recent: { dbfs: number; atMs: number }[] = []
    let drawnAtMs = performance.now()
    const stop = studio.onLevel(({ peak, rms }: Level) => {
      const nowMs = performance.now()
      const peakDbfs = dbfs(peak)
      if (peakDbfs >= held.dbfs || nowMs - held.atMs > PEAK_HELD_MS) held = { dbfs: peakDbfs, atMs: nowMs }
      recent = [...recent.filter(({ atMs }) => nowMs - atMs < ADVICE_OVER_MS), { dbfs: peakDbfs, atMs: nowMs }]
      shown = Math.max(alongMeter(dbfs(rms)), shown - ((nowMs - drawnAtMs) / 1_000) * FALL_PER_SECOND)
      drawnAtMs = nowMs
      if (rmsBar.current) rmsBar.current.style.clipPath = `inset(0 ${100 - shown * 100}% 0 0)`
      if (peakLine.current) {
        peakLine.current.style.left = `${alongMeter(held.dbfs) * 100}%`
        peakLine.current.dataset.hot = String(held.dbfs > HOT_DBFS)
      }
    })
    const advising = setInterval(
      () => setAdvice(adviceFor(Math.max(-120, ...recent.map(({ dbfs: level }) => level)))),
      500,
    )
    return () => {
      stop()
      clearInterval(advising)
    }
  }, [])
  return (
    <div class="meter">
      <div class="scale" aria-hidden="true">
        <div class="rms" ref={rmsBar} />
        <div class="peak" ref={peakLine} />
        {MARKS.map((mark) => (
          <span key={mark} class="tick" style={`left: ${alongMeter(mark) * 100}%`}>
            {mark}
          </span>
        ))}
      </div>
      <p class={`advice ${advice.tone}`} role="status">
        {advice.text}
      </p>
    </div>
  )
}
