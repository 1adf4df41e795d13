import type { TimedTitle } from '../now-playing.ts'

/** What the listener is told; `waiting`: the server is there, the station is not. */
export type PlayerState = 'stopped' | 'connecting' | 'playing' | 'reconnecting' | 'offline' | 'waiting'

/** One way of getting sound into an audio element. A transport lives for one connection, and is made anew after a fatal error. */
export type Transport = {
  /** The instant of the stream that sounds now, milliseconds since the epoch; null when it is not known. */
  positionMs(): number | null
  destroy(): void
}

export type TransportEvents = {
  /** It cannot go on: make another one. */
  failed(): void
  /** The server answered that there is nothing to play at present. */
  nothingThere(): void
}

export type OpenTransport = (audio: HTMLAudioElement, url: string, events: TransportEvents) => Transport

const LOOK_EVERY_MS = 250
/** Sound that stands still for so long is an interruption, and is called so. */
const STALLED_AFTER_MS = 1_200
/** A transport that has got nowhere for so long is given up, whatever it believes. */
const RENEWED_AFTER_MS = 20_000
const RENEW_DELAYS_MS = [500, 1_000, 2_000, 4_000]

/** Plays a live stream for as long as the listener wants it, through every kind of interruption. */
export class Player {
  readonly #audio: HTMLAudioElement
  readonly #open: OpenTransport
  readonly #changed: () => void
  #url: string | null = null
  #transport: Transport | null = null
  #isWanted = false
  #hasPlayed = false
  #isNothingThere = false
  #lastTime = 0
  #advancedAtMs = 0
  #failures = 0
  #renewing: ReturnType<typeof setTimeout> | undefined
  state: PlayerState = 'stopped'
  timed: TimedTitle | null = null

  constructor(audio: HTMLAudioElement, open: OpenTransport, changed: () => void) {
    this.#audio = audio
    this.#open = open
    this.#changed = changed
    audio.preload = 'none'
    setInterval(() => this.#look(), LOOK_EVERY_MS)
    addEventListener('online', () => this.#renewSoon(0))
    addEventListener('offline', () => this.#look())
    audio.addEventListener('error', () => this.#onFailed())
    // Another program, a headset's button or the operating system may pause the element too.
    audio.addEventListener('pause', () => {
      if (this.#isWanted && this.#transport !== null && !audio.ended) this.stop()
    })
    audio.textTracks.addEventListener('addtrack', ({ track }) => track && this.#listenForTitles(track))
  }

  get isWanted(): boolean {
    return this.#isWanted
  }

  get positionMs(): number | null {
    return this.state === 'stopped' || this.state === 'connecting' ? null : (this.#transport?.positionMs() ?? null)
  }

  /** To be called from a click: browsers allow sound only then. Radio has no pause: it goes on where the station is. */
  play(url: string): void {
    this.#url = url
    this.#isWanted = true
    this.#hasPlayed = false
    this.#failures = 0
    this.#renew()
    this.#look()
  }

  stop(): void {
    this.#isWanted = false
    this.#close()
    this.#audio.pause()
    this.timed = null
    this.#look()
  }

  #renew(): void {
    this.#close()
    if (!this.#isWanted || this.#url === null) return
    this.#isNothingThere = false
    this.#advancedAtMs = performance.now()
    this.#transport = this.#open(this.#audio, this.#url, {
      failed: () => this.#onFailed(),
      nothingThere: () => {
        this.#isNothingThere = true
      },
    })
    this.#audio.play().catch((error: Error) => {
      if (error.name === 'NotAllowedError') this.stop()
    })
  }

  #close(): void {
    clearTimeout(this.#renewing)
    this.#renewing = undefined
    const transport = this.#transport
    this.#transport = null
    transport?.destroy()
  }

  #onFailed(): void {
    if (!this.#isWanted) return
    const delayMs = RENEW_DELAYS_MS[Math.min(this.#failures, RENEW_DELAYS_MS.length - 1)]!
    this.#failures += 1
    this.#renewSoon(delayMs)
  }

  #renewSoon(delayMs: number): void {
    if (!this.#isWanted || this.state === 'playing' || this.#renewing !== undefined) return
    this.#renewing = setTimeout(() => {
      this.#renewing = undefined
      this.#renew()
    }, delayMs)
  }

  #look(): void {
    const nowMs = performance.now()
    const time = this.#audio.currentTime
    if (time !== this.#lastTime && !this.#audio.seeking && this.#transport !== null && this.#audio.readyState > 2) {
      this.#advancedAtMs = nowMs
      this.#hasPlayed = true
      this.#failures = 0
      this.#isNothingThere = false
    }
    this.#lastTime = time
    const stillForMs = nowMs - this.#advancedAtMs
    const isStalled = stillForMs > STALLED_AFTER_MS
    const before = this.state
    if (!this.#isWanted) this.state = 'stopped'
    else if (this.#hasPlayed && !isStalled) this.state = 'playing'
    else if (!navigator.onLine) this.state = 'offline'
    else if (this.#isNothingThere) this.state = 'waiting'
    else this.state = this.#hasPlayed ? 'reconnecting' : 'connecting'
    if (this.#isWanted && stillForMs > RENEWED_AFTER_MS) {
      this.#advancedAtMs = nowMs - STALLED_AFTER_MS - 1
      this.#onFailed()
    }
    if (this.state !== before) this.#changed()
  }

  #listenForTitles(track: TextTrack): void {
    if (track.kind !== 'metadata') return
    track.mode = 'hidden'
    track.addEventListener('cuechange', () => {
      const title = newestText(track, 'TIT2')
      if (title === null) return
      const artist = newestText(track, 'TPE1') ?? ''
      if (title === this.timed?.title && artist === this.timed.artist) return
      this.timed = { title, artist, heardAtMs: this.positionMs }
      this.#changed()
    })
  }
}

/** The text of an ID3 frame among the cues that hold now; the one that began last. */
function newestText(track: TextTrack, key: string): string | null {
  const cues = [...(track.activeCues ?? [])] as (TextTrackCue & { value?: { key?: string; data?: unknown } })[]
  const newestStart = Math.max(...cues.filter(({ value }) => value?.key === 'TIT2').map(({ startTime }) => startTime))
  const found = cues.find(({ value, startTime }) => value?.key === key && startTime === newestStart)
  return typeof found?.value?.data === 'string' ? found.value.data : null
}
