import { framesOfRtmpMs } from '../../../media/timeline.ts'
import { check } from '../../../schemas/check.ts'
import {
  MARKER_NAME,
  Marker,
  PACKAGING_VERSION,
  type SegmentMarker,
  type StartMarker,
} from '../../../schemas/markers.ts'
import { markerFault } from '../../shared/sound-marker.ts'
import type { StationStore } from '../store/station-store.ts'
import { rawUnitOf } from './raw-unit.ts'

/** This one and the one before; 1 is the first there ever was. */
export const PACKAGING_VERSIONS: readonly number[] = [PACKAGING_VERSION]

/** What becomes of a publication, told to who keeps them. */
export type PublicationEvents = {
  begun(): void
  /** A frame that was not held yet. */
  took(): void
  /** It must be ended. */
  refused(reason: string): void
  ignored(reason: string): void
}

/**
 * One connection's push of one rendition: the start marker fixes which frame a timestamp stands for, audio messages are frames,
 * segment markers seal. Nothing is taken before the start marker, nor after a refusal.
 */
export class Publication {
  generation = 0
  private readonly rendition: string
  private readonly store: StationStore
  private readonly events: PublicationEvents
  private base: { frame: number; timestampMs: number } | null = null
  private isClosed = false

  constructor(rendition: string, store: StationStore, events: PublicationEvents) {
    this.rendition = rendition
    this.store = store
    this.events = events
  }

  close(): void {
    this.isClosed = true
  }

  audio(timestampMs: number, body: Buffer) {
    if (this.isClosed) return
    const unit = rawUnitOf(body)
    if (!unit) return
    if (!this.base) return this.refuse('audio came before the start marker')
    if (this.generation < this.store.generation)
      return this.refuse(`generation ${this.generation} of playout is over: ${this.store.generation} has begun`)
    const frame = this.base.frame + framesOfRtmpMs(timestampMs - this.base.timestampMs)
    if (this.store.put(this.rendition, frame, unit)) this.events.took()
  }

  data(timestampMs: number, name: string, values: readonly unknown[]) {
    if (this.isClosed || name !== MARKER_NAME) return
    const marker = parseMarker(values[0])
    if (!marker) return this.events.ignored('a marker came that can’t be understood')
    if (marker.rendition !== this.rendition)
      return this.refuse(`a marker of ${marker.rendition} came in the push of ${this.rendition}`)
    if (marker.marker === 'start') this.start(timestampMs, marker)
    else this.seal(marker)
  }

  private start(timestampMs: number, marker: StartMarker) {
    const { packaging, generation, station, firstAvailableFrame } = marker
    if (!PACKAGING_VERSIONS.includes(packaging))
      return this.refuse(`packaging version ${packaging} is not known here, only ${PACKAGING_VERSIONS.join(' and ')}`)
    if (generation < this.store.generation)
      return this.refuse(
        `generation ${generation} of playout is lower than ${this.store.generation}, which was here before`,
      )
    if (!station.renditions.some(({ id }) => id === this.rendition))
      return this.refuse(`the station has no rendition ${this.rendition}`)
    this.generation = generation
    this.base = { frame: marker.frame, timestampMs }
    this.store.describe(station)
    this.store.learn(generation, firstAvailableFrame)
    this.events.begun()
  }

  private seal(marker: SegmentMarker) {
    const fault = markerFault(marker)
    if (fault) return this.events.ignored(`a marker is wrong: ${fault}`)
    if (marker.generation > this.generation)
      return this.events.ignored(`a marker of generation ${marker.generation} came in the push of ${this.generation}`)
    this.store.mark(marker)
  }

  private refuse(reason: string): void {
    this.isClosed = true
    this.events.refused(reason)
  }
}

function parseMarker(value: unknown): Marker | null {
  if (typeof value !== 'string') return null
  try {
    const checked = check(Marker, JSON.parse(value))
    return checked.ok ? checked.value : null
  } catch {
    return null
  }
}
