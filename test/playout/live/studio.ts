import { FRAME_SAMPLES, SAMPLE_RATE } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import type { Transition } from '../../../playout/live/live-air.ts'
import type { SavedVoices } from '../../../playout/live/saved-voices.ts'
import { Voices } from '../../../playout/live/voices.ts'
import { LOOKAHEAD_SAMPLES } from '../../../playout/mixer/limiter.ts'
import { Mixer } from '../../../playout/mixer/mixer.ts'
import type { Placement } from '../../../playout/programme/placement.ts'
import { Programme } from '../../../playout/programme/programme.ts'
import type { Source } from '../../../playout/sources/source.ts'
import type { LiveSettings } from '../../../schemas/live.ts'
import type { Playable, Rundown, RundownItem } from '../../../schemas/rundown.ts'
import type { FakeIngest } from './fake-ingest.ts'

export const FIRST_FRAME = 84_000_000_000
/** The first sample that is mixed. */
export const START = (FIRST_FRAME - 1) * FRAME_SAMPLES + LOOKAHEAD_SAMPLES
export const SECOND = SAMPLE_RATE
export const FADE = SECOND / 2
export const MUSIC = 0.25

const SETTINGS: LiveSettings = {
  bufferMs: 600,
  relayBufferMs: 3_000,
  crossfadeMs: 500,
  graceMs: 10_000,
  silenceDbfs: -50,
  silenceMs: 15_000,
  soundAgainMs: 3_000,
  duckDb: -12,
  duckDownMs: 200,
  duckUpMs: 1_000,
  levelLufs: null,
}

/** What an anchor says: on the right side alone, each sample another one for a sixth of a second, exact in 32 bits. */
export const wordAt = (offset: number): number => ((offset % 8_192) - 4_096) / 16_384

export const song = (index: number, startSample: number, lengthSamples: number, more?: Partial<RundownItem>) => ({
  ...playable(`song-${index}`, lengthSamples),
  id: `item-${index}`,
  startSample,
  fadeInSamples: index === 0 ? 0 : SECOND,
  fadeOutSamples: SECOND,
  anchored: false,
  reason: 'Rotation.',
  ...more,
})

export const playable = (path: string, lengthSamples: number): Playable => ({
  path,
  fingerprint: 'x',
  kind: 'music',
  title: path,
  artist: '',
  cueInSample: 4_800,
  lengthSamples,
  gainDb: 0,
})

/** Songs of so many seconds, each joined to the next one by a second. */
export function songs(count: number, seconds: number, from = START): RundownItem[] {
  const length = seconds * SECOND
  return Array.from({ length: count }, (_, index) => song(index, from + index * (length - SECOND), length))
}

export const rundownOf = (items: RundownItem[], version = 1): Rundown => ({
  stationId: 's',
  version,
  madeAtMs: 0,
  fromSample: START,
  untilSample: items.at(-1)!.startSample + items.at(-1)!.lengthSamples,
  crossfadeSamples: SECOND,
  items,
  reserve: [],
})

type Opened = { path: string; offset: number; isClosed: boolean }

/** The chain from the programme to the mixer, run block by block: music is a constant on the left side, voices are on the right one. */
export class Studio {
  readonly programme: Programme
  readonly voices: Voices
  readonly mixer: Mixer
  readonly opened: Opened[] = []
  readonly transitions: Transition[] = []
  readonly dry: { sessionId: string; endSample: number; reason: string }[] = []
  readonly skipped: string[] = []
  /** How often a block had to wait for an item of the programme. */
  waitsForItems = 0
  private readonly left: number[] = []
  private readonly right: number[] = []
  private readonly firstFrame: number
  private wake: () => void = () => {}

  constructor(options: {
    ingest: FakeIngest
    items: RundownItem[]
    firstFrame?: number
    saved?: { placements: Placement[]; voices: SavedVoices } | undefined
    settings?: Partial<LiveSettings>
    isPeerKnown?: boolean
  }) {
    this.firstFrame = options.firstFrame ?? FIRST_FRAME
    const startSample = (this.firstFrame - 1) * FRAME_SAMPLES + LOOKAHEAD_SAMPLES
    const saved = options.saved && (structuredClone(options.saved) as typeof options.saved)
    this.programme = new Programme({
      startSample,
      stationName: 'Station',
      placed: saved?.placements ?? [],
      hasEmergency: () => false,
      onEvent: (event) => {
        if (event.event === 'skipped') this.skipped.push(event.item.id)
      },
      hold: saved?.voices.hold ?? false,
    })
    this.programme.load(rundownOf(options.items))
    this.voices = new Voices({
      programme: this.programme,
      clock: systemClock,
      log: createLogger('test', 'silent'),
      settings: () => ({ ...SETTINGS, ...options.settings }),
      nowSample: () => this.mixer?.mixedUntilSample ?? startSample,
      mixedUntilSample: () => this.mixer.mixedUntilSample,
      wake: () => this.wake(),
      holdAudio: { use() {} },
      saved: saved?.voices ?? null,
      startSample,
      peerOf: () => (options.isPeerKnown === false ? null : options.ingest.peer),
    })
    this.voices.onTransition = (transition) => this.transitions.push(transition)
    this.voices.onDry = (sessionId, endSample, reason) => this.dry.push({ sessionId, endSample, reason })
    this.mixer = new Mixer({
      programme: this.programme,
      voices: this.voices,
      firstFrame: this.firstFrame,
      truePeakDbtp: -1,
      openSource: (placement, offset) => this.music(placement, offset),
    })
  }

  get now(): number {
    return this.mixer.mixedUntilSample
  }

  /** Mixes until a sample, as the engine does, and calls back before each block. */
  async mixUntil(sample: number, beforeBlock: () => Promise<void> | void = () => {}): Promise<void> {
    while (this.now < sample) {
      await beforeBlock()
      await this.prepared()
      const { block } = this.mixer.render()
      for (let index = 0; index < FRAME_SAMPLES; index++) {
        this.left.push(block[index * 2]!)
        this.right.push(block[index * 2 + 1]!)
      }
    }
  }

  /** Resolves when the condition holds; it is looked at whenever audio has arrived. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (condition()) resolve()
        else this.wake = look
      }
      look()
    })
  }

  /** What was handed out for a sample of the timeline, on either side. */
  musicAt(sample: number): number {
    return this.left[sample - this.firstFrame * FRAME_SAMPLES]!
  }

  wordAt(sample: number): number {
    return this.right[sample - this.firstFrame * FRAME_SAMPLES]!
  }

  /** The last sample that has been handed out, and one more. */
  get handedOutUntil(): number {
    return this.firstFrame * FRAME_SAMPLES + this.left.length
  }

  save(): { placements: Placement[]; voices: SavedVoices } {
    return structuredClone({ placements: [...this.programme.placements], voices: this.voices.save() })
  }

  close(): void {
    this.mixer.close()
  }

  private async prepared(): Promise<void> {
    const deadline = systemClock.monotonicMs() + 5_000
    for (;;) {
      const { waitingFor } = this.mixer.prepare()
      if (!waitingFor) return
      if (!('patienceMs' in waitingFor)) throw new Error(`an item is waited for: ${waitingFor.id}`)
      const endsMs = Math.min(deadline, systemClock.monotonicMs() + waitingFor.patienceMs)
      const hasCome = await this.audioBy(endsMs)
      if (!hasCome) this.mixer.giveUp(waitingFor, 'its audio was late')
    }
  }

  private audioBy(endsMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = systemClock.after(endsMs - systemClock.monotonicMs(), () => resolve(false))
      this.wake = () => {
        cancel()
        resolve(true)
      }
    })
  }

  private music(placement: Placement, offset: number): Source {
    const opened = { path: placement.path ?? placement.id, offset, isClosed: false }
    this.opened.push(opened)
    return {
      availableSamples: () => Number.MAX_SAFE_INTEGER,
      read(into, samples) {
        for (let index = 0; index < samples; index++) {
          into[index * 2] = MUSIC
          into[index * 2 + 1] = 0
        }
      },
      state: () => ({ state: 'open' }),
      close() {
        opened.isClosed = true
      },
    }
  }
}
