import type { LiveSpan } from '../programme/live-placement.ts'
import type { Programme } from '../programme/programme.ts'
import { isTakenOver, OPEN_END, type Voice } from './voice.ts'

type Named = Pick<Voice, 'sessionId' | 'anchorName' | 'title'>

/** The spans that voices have in the programme: it leaves the air to them for as long, and fades in and out around them. */
export class VoicePlacements {
  private readonly programme: Programme
  /** Made so far: they number the as-run entries. */
  private made: number

  constructor(programme: Programme, made: number) {
    this.programme = programme
    this.made = made
  }

  get count(): number {
    return this.made
  }

  has(id: string): boolean {
    return this.programme.placements.some((placement) => placement.id === id)
  }

  /** The voice takes the air alone. */
  place({ sessionId, anchorName, title }: Named, at: number, fadeSamples: number): LiveSpan & { placementId: string } {
    const id = `live-${sessionId}-${++this.made}`
    const live = { id, title, artist: anchorName, reason: `${anchorName} went live.` }
    return { placementId: id, ...this.programme.goLive(live, at, fadeSamples) }
  }

  /** The voice gives the air back under a fade; its span is what the programme makes of that. False when the air is not its own any more. */
  end(voice: Voice, end: LiveSpan & { reason: string }, mixedUntilSample: number): boolean {
    if (voice.placementId === null || !this.programme.endLive(voice.placementId, end, mixedUntilSample)) return false
    this.follow(voice, mixedUntilSample)
    return true
  }

  /** The programme comes back under a voice that goes on. False when it was there all the while. */
  bringBack(
    { placementId }: Voice,
    at: number,
    fadeSamples: number,
    reason: string,
    mixedUntilSample: number,
  ): boolean {
    if (placementId === null) return false
    this.programme.endLive(placementId, { startSample: at + fadeSamples, fadeSamples, reason }, mixedUntilSample)
    return true
  }

  /** What the programme has decided of its span holds for the voice. */
  follow(voice: Voice, mixedUntilSample: number): void {
    const { placementId, span } = voice
    if (placementId === null || isTakenOver(voice)) return
    const placement = this.programme.placements.find(({ id }) => id === placementId)
    if (!placement) span.endSample = Math.min(span.endSample, mixedUntilSample)
    else if (!placement.takenOver) {
      span.endSample = placement.open ? OPEN_END : placement.endSample
      span.fadeOutSamples = placement.fadeOutSamples
    }
  }

  /** Where the item that sounds hands over to the next one, or to a voice that comes in under this fade. */
  itemEndSample(mixedUntilSample: number, fadeSamples: number): number {
    const item = this.programme.placements.findLast(
      ({ startSample, endSample }) => startSample <= mixedUntilSample && endSample > mixedUntilSample,
    )
    if (!item || item.open) return mixedUntilSample
    return Math.max(mixedUntilSample, Math.min(item.endSample - item.fadeOutSamples, item.endSample - fadeSamples))
  }

  /** A span of the programme that belongs to a voice which is no more would be silence. */
  endOrphan(voices: readonly Voice[], fromSample: number): void {
    const last = this.programme.placements.at(-1)
    if (!last?.open || last.rung !== 'live' || voices.some(({ placementId }) => placementId === last.id)) return
    const end = { startSample: fromSample, fadeSamples: 0, reason: 'Its voice is gone.' }
    this.programme.endLive(last.id, end, fromSample)
  }
}
