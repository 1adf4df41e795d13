import { useEffect, useState } from 'preact/hooks'

const MARGIN = 4

/** A text as a QR code, drawn in black on white whatever the page's colours: cameras need it. */
export function QrCode({ text }: { text: string }) {
  const [code, setCode] = useState<{ size: number; path: string } | null>(null)
  useEffect(() => {
    let isWanted = true
    void import('qrcode').then(({ default: { create } }) => {
      const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules
      const dark = Array.from(data, (value, at) => (value ? `M${at % size} ${Math.floor(at / size)}h1v1h-1z` : ''))
      if (isWanted) setCode({ size, path: dark.join('') })
    })
    return () => {
      isWanted = false
    }
  }, [text])
  if (code === null) return null
  const side = code.size + 2 * MARGIN
  return (
    <svg class="qr" viewBox={`${-MARGIN} ${-MARGIN} ${side} ${side}`} role="img" aria-label="The address as a QR code">
      <rect x={-MARGIN} y={-MARGIN} width={side} height={side} fill="#fff" />
      <path d={code.path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  )
}
