/** Loudness of so many bands, low to high, each 0 … 1. */
export type Spectrum = (bands: Float32Array) => void

/** Taps the sound of an audio element; to be called from a click, once an element. Null where the browser can't. */
export function tapSpectrum(audio: HTMLAudioElement): { read: Spectrum; resume: () => void } | null {
  try {
    const context = new AudioContext({ latencyHint: 'playback' })
    const source = context.createMediaElementSource(audio)
    const analyser = context.createAnalyser()
    analyser.fftSize = 2048
    analyser.smoothingTimeConstant = 0.75
    analyser.minDecibels = -85
    analyser.maxDecibels = -18
    source.connect(analyser)
    analyser.connect(context.destination)
    const resume = (): void => void context.resume().catch(() => undefined)
    // A telephone call or another tab may interrupt the context, and with it the sound.
    context.addEventListener('statechange', () => {
      if (context.state !== 'running' && context.state !== 'closed') resume()
    })
    const bins = new Uint8Array(analyser.frequencyBinCount)
    return { resume, read: (bands) => readBands(analyser, bins, context.sampleRate, bands) }
  } catch {
    return null
  }
}

const LOWEST_HZ = 50
const HIGHEST_HZ = 12_000

/** Equal steps of pitch, as the ear hears; the higher bands are lifted, since music has less there. */
function readBands(
  analyser: AnalyserNode,
  bins: Uint8Array<ArrayBuffer>,
  sampleRate: number,
  bands: Float32Array,
): void {
  analyser.getByteFrequencyData(bins)
  const hzPerBin = sampleRate / analyser.fftSize
  const ratio = HIGHEST_HZ / LOWEST_HZ
  for (let band = 0; band < bands.length; band += 1) {
    const from = Math.floor((LOWEST_HZ * ratio ** (band / bands.length)) / hzPerBin)
    const to = Math.max(from + 1, Math.ceil((LOWEST_HZ * ratio ** ((band + 1) / bands.length)) / hzPerBin))
    let loudest = 0
    for (let bin = from; bin < to && bin < bins.length; bin += 1) loudest = Math.max(loudest, bins[bin]!)
    bands[band] = Math.min(1, (loudest / 255) * (0.85 + (0.35 * band) / bands.length))
  }
}
