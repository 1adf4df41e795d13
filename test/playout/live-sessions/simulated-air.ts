import type { LiveAir, LiveAudio, LiveFeed, LiveVoice } from '../../../playout/live/live-air.ts'
import type { SimulatedIngests } from './simulated-ingests.ts'

const BLOCK = 1024

type Reading = { ingest: string; keyId: string; run: string; offset: number; newest: number }
type Sounding = { sessionId: string; startSample: number; fadeSamples: number; endSample: number | null }
export type Aired = {
  sessionId: string
  keyId: string
  run: string
  fromOffset: number
  untilOffset: number
  atSample: number
}
export type SavedAir = { mixed: number; readings: [string, Reading][]; sounding: Sounding[]; isHeld: boolean }

/** An air that mixes nothing, but knows whose audio would sound in each block, and when there is none. */
export class SimulatedAir {
  mixed: number
  /** Everything that has sounded. */
  aired: Aired[] = []
  /** False while the way from the ingest nodes to here is blocked. */
  isFetching = true
  /** Samples in which a voice was on air and had no audio. */
  dry: { sessionId: string; atSample: number; samples: number }[] = []
  private readonly ingests: SimulatedIngests
  private readonly readings = new Map<string, Reading>()
  private sounding: Sounding[] = []
  private isHeld = false
  readonly air: LiveAir

  constructor(ingests: SimulatedIngests, mixed: number, saved: SavedAir | null) {
    this.ingests = ingests
    this.mixed = mixed
    if (saved) {
      this.isHeld = saved.isHeld
      this.sounding = saved.sounding.filter(({ endSample }) => endSample === null || endSample > mixed)
      for (const [id, reading] of saved.readings) {
        const voice = this.sounding.find(({ sessionId }) => sessionId === id)
        if (!voice) continue
        const soundedUntil = Math.max(saved.mixed, voice.startSample)
        this.readings.set(id, { ...reading, offset: reading.offset + Math.max(0, mixed - soundedUntil) })
      }
    }
    this.air = this.port()
  }

  get voices(): readonly Sounding[] {
    return this.sounding
  }

  get openIds(): string[] {
    return [...this.readings.keys()]
  }

  save(): SavedAir {
    const { mixed, sounding, isHeld } = this
    return structuredClone({ mixed, readings: [...this.readings], sounding, isHeld })
  }

  block(): void {
    for (const reading of this.readings.values()) this.fetch(reading)
    this.air.onBlock(this.mixed)
    const from = this.mixed
    const until = from + BLOCK
    const dried: string[] = []
    for (const voice of this.sounding) {
      const start = Math.max(from, voice.startSample)
      const end = Math.min(until, voice.endSample ?? until)
      const reading = this.readings.get(voice.sessionId)
      if (end <= start) continue
      const there = Math.min(end - start, reading ? reading.newest - reading.offset : 0)
      if (reading && there > 0) {
        const { keyId, run, offset } = reading
        this.aired.push({
          sessionId: voice.sessionId,
          keyId,
          run,
          fromOffset: offset,
          untilOffset: offset + there,
          atSample: start,
        })
        reading.offset += there
      }
      if (there >= end - start) continue
      this.dry.push({ sessionId: voice.sessionId, atSample: start + there, samples: end - start - there })
      if (voice.endSample === null) {
        voice.endSample = until
        dried.push(voice.sessionId)
      }
    }
    this.mixed = until
    this.sounding = this.sounding.filter(({ endSample }) => endSample === null || endSample > until)
    for (const id of dried) this.air.onDry(id, until, 'dry')
  }

  private fetch(reading: Reading): void {
    if (!this.isFetching) return
    const newest = this.ingests.newestOf(reading.ingest, reading.keyId, reading.run)
    reading.newest = Math.max(reading.newest, newest ?? 0)
  }

  private port(): LiveAir {
    const self = this
    return {
      mixedUntilSample: () => this.mixed,
      open: (sessionId, feed) => this.open(sessionId, feed),
      audioOf: (sessionId) => this.audioOf(sessionId),
      sampleOfOffset: () => null,
      goLive: (voice) => this.goLive(voice),
      endLive: (sessionId, { endSample }) => {
        const voice = this.sounding.find((one) => one.sessionId === sessionId)
        if (!voice || voice.endSample !== null) return null
        voice.endSample = Math.max(endSample, this.mixed)
        return { endSample: voice.endSample }
      },
      setTalkOver: () => {},
      setHold: (on) => {
        this.isHeld = on
      },
      get isHeld() {
        return self.isHeld
      },
      get voices() {
        return self.sounding.map((voice) => ({ ...voice, talkOver: false }))
      },
      close: (sessionId) => {
        this.readings.delete(sessionId)
        this.sounding = this.sounding.filter((one) => one.sessionId !== sessionId)
      },
      itemEndSample: () => Math.ceil((this.mixed + 1) / (20 * 48_000)) * 20 * 48_000,
      cueOfSegment: () => 'programme',
      onBlock: () => {},
      onTransition: () => {},
      onDry: () => {},
      save: () => ({ voices: [], heard: [], hold: this.isHeld, placements: 0 }),
    }
  }

  private open(sessionId: string, feed: LiveFeed): void {
    const newest = this.ingests.newestOf(feed.peer.id, feed.keyId, feed.run)
    const offset = feed.from === 'newest' ? (newest ?? 0) : feed.from
    this.readings.set(sessionId, { ingest: feed.peer.id, keyId: feed.keyId, run: feed.run, offset, newest: offset })
  }

  private audioOf(sessionId: string): LiveAudio | null {
    const reading = this.readings.get(sessionId)
    if (!reading) return null
    return {
      bufferedSamples: reading.newest - reading.offset,
      offsetNow: reading.offset,
      newestOffset: reading.newest,
      driftPpm: 0,
      slopeHeld: true,
      slopeReason: null,
      streaming: true,
      ended: false,
      failed: null,
    }
  }

  private goLive({ sessionId, atSample, fadeSamples }: LiveVoice): { startSample: number; fadeSamples: number } {
    if (!this.readings.has(sessionId)) throw new Error(`${sessionId} is not open`)
    for (const voice of this.sounding) if (voice.endSample === null) voice.endSample = atSample + fadeSamples
    this.sounding.push({ sessionId, startSample: atSample, fadeSamples, endSample: null })
    return { startSample: atSample, fadeSamples }
  }
}
