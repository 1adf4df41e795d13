import type { Spectrum } from '../player/spectrum.ts'

const BANDS = 56
const REST = 0.035

/**
 * Draws a ring of bars around the play button: the spectrum mirrored left and right. Where the sound can't be read, a slow
 * breath shows that it plays, and pretends no more. Answers how to end it.
 */
export function drawDisc(
  canvas: HTMLCanvasElement,
  spectrum: () => Spectrum | null,
  isPlaying: () => boolean,
): () => void {
  const context = canvas.getContext('2d')!
  const measured = new Float32Array(BANDS)
  const heights = new Float32Array(BANDS)
  const isStill = matchMedia('(prefers-reduced-motion: reduce)')
  let request = 0
  let silentFrames = 0

  const frame = (timeMs: number): void => {
    request = requestAnimationFrame(frame)
    const read = spectrum()
    measured.fill(0)
    if (isPlaying() && read !== null) read(measured)
    silentFrames = measured.some((height) => height > 0) ? 0 : silentFrames + 1
    const isBreathing = isPlaying() && silentFrames > 90
    for (let band = 0; band < BANDS; band += 1) {
      const breath = isBreathing ? 0.07 + 0.05 * Math.sin(timeMs / 1_400 + (band / BANDS) * Math.PI * 3) : 0
      const wanted = isStill.matches ? (isPlaying() ? 0.12 : 0) : Math.max(measured[band]!, breath)
      const before = heights[band]!
      heights[band] = before + (wanted - before) * (wanted > before ? 0.45 : 0.12)
    }
    draw(canvas, context, heights)
  }
  request = requestAnimationFrame(frame)
  return () => cancelAnimationFrame(request)
}

function draw(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, heights: Float32Array): void {
  const size = canvas.clientWidth
  const scale = Math.min(2, devicePixelRatio)
  if (canvas.width !== Math.round(size * scale)) {
    canvas.width = Math.round(size * scale)
    canvas.height = canvas.width
  }
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, size, size)
  context.translate(size / 2, size / 2)
  const style = getComputedStyle(canvas)
  const inner = size * 0.335
  const room = size * 0.16
  context.lineCap = 'round'
  context.lineWidth = Math.max(2, (inner * Math.PI) / BANDS / 2.1)
  context.strokeStyle = style.color
  for (let band = 0; band < BANDS; band += 1) {
    const length = (REST + heights[band]! * (1 - REST)) * room
    const angle = ((band + 0.5) / BANDS) * Math.PI
    context.globalAlpha = 0.35 + 0.65 * Math.min(1, heights[band]! * 1.4)
    for (const side of [angle, -angle]) {
      // From the bottom, where the low notes are, up both sides.
      const x = Math.sin(side)
      const y = Math.cos(side)
      context.beginPath()
      context.moveTo(x * inner, y * inner)
      context.lineTo(x * (inner + length), y * (inner + length))
      context.stroke()
    }
  }
}
