import Hls, { type HlsConfig } from 'hls.js/light'
import type { Transport, TransportEvents } from './player.ts'

const retry = (maxNumRetry: number, retryDelayMs: number, maxRetryDelayMs: number) => ({
  maxNumRetry,
  retryDelayMs,
  maxRetryDelayMs,
})
/** A playlist that fails is asked for again for a minute, before the player is made anew. */
const PLAYLIST_POLICY = {
  default: {
    maxTimeToFirstByteMs: 4_000,
    maxLoadTimeMs: 6_000,
    timeoutRetry: retry(10, 0, 0),
    errorRetry: retry(32, 1_000, 2_000),
  },
}

/** Tuned against origins that hang and drip: the defaults wait two minutes for a segment. */
export const HLS_CONFIG: Partial<HlsConfig> = {
  lowLatencyMode: false,
  backBufferLength: 30,
  maxBufferLength: 40,
  liveSyncDurationCount: 3,
  startFragPrefetch: true,
  manifestLoadPolicy: PLAYLIST_POLICY,
  playlistLoadPolicy: PLAYLIST_POLICY,
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 3_000,
      maxLoadTimeMs: 4_000,
      timeoutRetry: retry(10, 0, 0),
      errorRetry: retry(15, 500, 2_000),
    },
  },
}

export const isHlsJsSupported = (): boolean => Hls.isSupported()

/** Plays by Media Source Extensions. */
export function openHlsJs(audio: HTMLAudioElement, url: string, events: TransportEvents): Transport {
  const hls = new Hls(HLS_CONFIG)
  hls.on(Hls.Events.ERROR, (_, error) => {
    if ((error.response?.code ?? 0) >= 400) events.nothingThere()
    if (!error.fatal) return
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && error.details !== Hls.ErrorDetails.BUFFER_STALLED_ERROR) {
      hls.recoverMediaError()
    } else events.failed()
  })
  hls.loadSource(url)
  hls.attachMedia(audio)
  return {
    positionMs: () => hls.playingDate?.getTime() ?? null,
    destroy: () => hls.destroy(),
  }
}
