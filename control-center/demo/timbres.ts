export type Timbre = 'organ' | 'pluck' | 'flute' | 'bell' | 'strings' | 'reed'

/** How a voice sounds: one period of its wave, and how it comes and goes. */
export type Voice = {
  wave: Float32Array
  attackSeconds: number
  /** Time in which a held note falls to a third; infinite for voices that are bowed or blown. */
  decaySeconds: number
  releaseSeconds: number
}

export const WAVE_SAMPLES = 2048

/** Strengths of the harmonics, the fundamental first. */
function wave(harmonics: readonly number[]): Float32Array {
  const samples = new Float32Array(WAVE_SAMPLES)
  const sum = harmonics.reduce((total, strength) => total + strength, 0)
  harmonics.forEach((strength, index) => {
    for (let n = 0; n < WAVE_SAMPLES; n++)
      samples[n]! += (strength / sum) * Math.sin((2 * Math.PI * (index + 1) * n) / WAVE_SAMPLES)
  })
  return samples
}

const HELD = Number.POSITIVE_INFINITY

export const voices: Readonly<Record<Timbre, Voice>> = {
  organ: { wave: wave([1, 0.6, 0.1, 0.3, 0, 0.1]), attackSeconds: 0.03, decaySeconds: HELD, releaseSeconds: 0.15 },
  pluck: {
    wave: wave([1, 0.7, 0.5, 0.3, 0.2, 0.12, 0.08]),
    attackSeconds: 0.003,
    decaySeconds: 0.25,
    releaseSeconds: 0.1,
  },
  flute: { wave: wave([1, 0.25, 0.06]), attackSeconds: 0.07, decaySeconds: HELD, releaseSeconds: 0.2 },
  bell: {
    wave: wave([1, 0, 0.45, 0, 0.2, 0.25, 0, 0.1]),
    attackSeconds: 0.002,
    decaySeconds: 0.7,
    releaseSeconds: 0.6,
  },
  strings: {
    wave: wave([1, 0.5, 0.33, 0.22, 0.15, 0.1, 0.07, 0.05]),
    attackSeconds: 0.5,
    decaySeconds: HELD,
    releaseSeconds: 0.8,
  },
  reed: {
    wave: wave([1, 0.1, 0.6, 0.1, 0.35, 0.05, 0.15]),
    attackSeconds: 0.05,
    decaySeconds: HELD,
    releaseSeconds: 0.12,
  },
}
