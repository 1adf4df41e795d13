import type { Transport } from './player.ts'

type AudioWithStartDate = HTMLAudioElement & { getStartDate?: () => Date }

/** Plays by the browser's own HLS: where there is no Media Source, as on telephones of Apple. */
export function openNative(audio: AudioWithStartDate, url: string): Transport {
  audio.src = url
  return {
    positionMs() {
      const startMs = audio.getStartDate?.().getTime() ?? Number.NaN
      return Number.isFinite(startMs) ? startMs + audio.currentTime * 1_000 : null
    },
    destroy() {
      audio.removeAttribute('src')
      audio.load()
    },
  }
}
