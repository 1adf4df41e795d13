import { FRAME_SAMPLES, SAMPLE_RATE, SEGMENT_SAMPLES } from '../../media/timeline.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { IngestPeer, LiveSettings } from '../../schemas/live.ts'
import { limits } from '../limits.ts'
import { Ducking } from '../mixer/ducking.ts'
import { addWithEnvelope, takeOver } from '../mixer/envelope.ts'
import type { LateVoice, VoiceLayer } from '../mixer/voice-layer.ts'
import type { Programme } from '../programme/programme.ts'
import type { LiveAir, LiveAudio, LiveFeed, LiveVoice, Transition } from './live-air.ts'
import { LiveReader } from './live-reader.ts'
import type { SavedVoice, SavedVoices } from './saved-voices.ts'
import { Transitions } from './transitions.ts'
import { idOf, isGoingOut, isTakenOver, OPEN_END, soundingIn, type Voice } from './voice.ts'

export type VoicesOptions = {
  programme: Programme
  clock: Clock
  log: Logger
  settings: () => LiveSettings
  /** The sample of the timeline that sounds now, to a fraction. */
  nowSample: () => number
  /** The mixer's. */
  mixedUntilSample: () => number
  /** Audio has arrived: the engine may go on. */
  wake: () => void
  /** The file that plays while a hold lasts, or null for the bed. */
  holdAudio: { use(file: string | null): void }
  /** Of the checkpoint, and the first sample that is mixed now. */
  saved: SavedVoices | null
  startSample: number
  peerOf: (ingest: string) => IngestPeer | null
}

const CLOSE_FADE_SAMPLES = SAMPLE_RATE / 50
/** Spans in which a voice sounded are remembered until their segments are surely sealed. */
const REMEMBERED_SAMPLES = 120 * SAMPLE_RATE

/** The live voices over the programme: opened, brought in, mixed, measured and let go of. */
export class Voices implements LiveAir, VoiceLayer {
  onBlock: LiveAir['onBlock'] = () => {}
  onTransition: LiveAir['onTransition'] = () => {}
  onDry: LiveAir['onDry'] = () => {}
  private readonly options: VoicesOptions
  private readonly readers = new Map<string, LiveReader>()
  private sounding: Voice[] = []
  private heardSpans: SavedVoices['heard']
  private placements: number
  private readonly ducking = new Ducking()
  /** Until here the programme stays down though nobody talks over it any more: it is going out. */
  private duckedUntilSample = 0
  private readonly transitions = new Transitions((measured: Transition) => this.onTransition(measured))
  private readonly scratch = new Float32Array(FRAME_SAMPLES * 2)
  private lostAtRestart: { sessionId: string; reason: string }[] = []

  constructor(options: VoicesOptions) {
    this.options = options
    this.heardSpans = options.saved?.heard ?? []
    this.placements = options.saved?.placements ?? 0
    for (const saved of options.saved?.voices ?? []) this.restore(saved)
    if (this.sounding.some(({ talkOver }) => talkOver)) this.ducking.jumpTo(options.settings().duckDb)
  }

  mixedUntilSample(): number {
    return this.options.mixedUntilSample()
  }

  open(sessionId: string, feed: LiveFeed): void {
    this.close(sessionId)
    this.readers.set(sessionId, this.reader(feed, null))
  }

  audioOf(sessionId: string): LiveAudio | null {
    return this.readers.get(sessionId)?.audio() ?? null
  }

  sampleOfOffset(sessionId: string, offset: number): number | null {
    return this.readers.get(sessionId)?.sampleOfOffset(offset) ?? null
  }

  goLive(voice: LiveVoice): { startSample: number; fadeSamples: number } {
    const { sessionId, anchorName, title, talkOver } = voice
    const reader = this.readers.get(sessionId)
    if (!reader) throw new Error(`session ${sessionId} is not open`)
    const mixed = this.mixedUntilSample()
    const before = this.sounding.filter((other) => !isTakenOver(other))
    if (before.some((other) => other.reader === reader)) throw new Error(`session ${sessionId} is on air already`)
    const at = Math.max(voice.atSample, mixed)
    const placed = talkOver
      ? { placementId: null, ...this.goLiveOverProgramme(before, at, voice.fadeSamples) }
      : this.placeLive(voice, at, voice.fadeSamples)
    const { startSample, fadeSamples } = placed
    for (const other of before)
      if (other.span.endSample > startSample) takeOver(other.span, startSample, startSample + fadeSamples)
    reader.begin(startSample)
    this.sounding.push({
      ...{
        sessionId,
        anchorName,
        title,
        talkOver,
        reader,
        ending: false,
        isDry: false,
        placementId: placed.placementId,
      },
      span: { startSample, endSample: OPEN_END, fadeInSamples: fadeSamples, fadeOutSamples: 0 },
    })
    this.transitions.expect(sessionId, startSample, startSample + fadeSamples, mixed)
    return { startSample, fadeSamples }
  }

  endLive(
    sessionId: string,
    end: { endSample: number; fadeSamples: number; reason: string },
  ): { endSample: number } | null {
    const voice = this.onAir(sessionId)
    const mixed = this.mixedUntilSample()
    if (!voice || voice.span.endSample <= mixed) return null
    const { span } = voice
    if (voice.placementId === null) {
      span.endSample = Math.max(end.endSample, mixed, span.startSample + 1)
      span.fadeOutSamples = Math.max(0, Math.min(end.fadeSamples, span.endSample - Math.max(mixed, span.startSample)))
    } else {
      const wanted = { startSample: end.endSample, fadeSamples: end.fadeSamples, reason: end.reason }
      const ended = this.options.programme.endLive(voice.placementId, wanted, mixed)
      if (!ended) return null
      this.followPlacement(voice)
    }
    voice.ending = true
    voice.reader.freeze()
    this.transitions.expect(sessionId, span.endSample - span.fadeOutSamples, span.endSample, mixed)
    return { endSample: span.endSample }
  }

  setTalkOver(sessionId: string, on: boolean, fadeSamples: number): void {
    const voice = this.onAir(sessionId)
    if (!voice || voice.ending || voice.talkOver === on) return
    const at = this.mixedUntilSample()
    voice.talkOver = on
    if (on) {
      const { programme, settings } = this.options
      const end = { startSample: at + fadeSamples, fadeSamples, reason: 'The programme goes on under the voice.' }
      if (voice.placementId !== null) programme.endLive(voice.placementId, end, at)
      voice.placementId = null
      voice.span.endSample = OPEN_END
      voice.span.fadeOutSamples = 0
      if (at >= voice.span.startSample + voice.span.fadeInSamples) this.ducking.jumpTo(settings().duckDb)
    } else {
      const placed = this.placeLive(voice, at, fadeSamples)
      voice.placementId = placed.placementId
      this.duckedUntilSample = placed.startSample + placed.fadeSamples
    }
  }

  setHold(on: boolean, file: string | null): void {
    const { programme, settings, holdAudio } = this.options
    holdAudio.use(file)
    programme.setHold(on, samplesOf(settings().crossfadeMs), this.mixedUntilSample())
  }

  get isHeld(): boolean {
    return this.options.programme.isHeld
  }

  get voices(): LiveAir['voices'] {
    return this.sounding.map(({ sessionId, span, talkOver }) => ({
      sessionId,
      startSample: span.startSample,
      endSample: span.endSample === OPEN_END ? null : span.endSample,
      talkOver,
    }))
  }

  close(sessionId: string): void {
    const reader = this.readers.get(sessionId)
    if (!reader) return
    const voice = this.sounding.find((other) => other.reader === reader)
    const endSample = this.mixedUntilSample() + CLOSE_FADE_SAMPLES
    if (voice && !voice.ending)
      this.endLive(sessionId, { endSample, fadeSamples: CLOSE_FADE_SAMPLES, reason: 'The session was closed.' })
    this.readers.delete(sessionId)
    if (!voice) reader.close()
  }

  itemEndSample(fadeSamples: number): number {
    const mixed = this.mixedUntilSample()
    const item = this.options.programme.placements
      .filter(({ startSample, endSample }) => startSample <= mixed && endSample > mixed)
      .at(-1)
    if (!item || item.open) return mixed
    return Math.max(mixed, Math.min(item.endSample - item.fadeOutSamples, item.endSample - fadeSamples))
  }

  cueOfSegment(segment: number): 'programme' | 'live' {
    const from = segment * SEGMENT_SAMPLES
    const spans = [...this.heardSpans, ...this.sounding.map(({ span }) => span)]
    const isHeard = spans.some(({ startSample, endSample }) => startSample < from + SEGMENT_SAMPLES && endSample > from)
    return isHeard ? 'live' : 'programme'
  }

  save(): SavedVoices {
    return {
      voices: this.sounding.flatMap((voice) => {
        const read = voice.reader.save()
        const { sessionId, anchorName, title, talkOver, placementId, ending } = voice
        const { peer, keyId, run, bufferSamples } = voice.reader.feed
        const feed = { ingest: peer.id, keyId, run, bufferSamples }
        const span = { ...voice.span }
        return read ? [{ sessionId, anchorName, title, talkOver, placementId, ending, span, ...feed, ...read }] : []
      }),
      heard: this.heardSpans,
      hold: this.isHeld,
      placements: this.placements,
    }
  }

  beforeBlock(fromSample: number): void {
    for (const { sessionId, reason } of this.lostAtRestart.splice(0)) this.onDry(sessionId, fromSample, reason)
    for (const voice of this.sounding) this.followPlacement(voice)
    this.letGo(fromSample)
    this.onBlock(fromSample)
    for (const voice of this.sounding) this.followPlacement(voice)
    this.endOrphans(fromSample)
  }

  lateVoice(fromSample: number, untilSample: number): LateVoice | null {
    for (const voice of this.sounding) {
      const { reader } = voice
      const { samples } = soundingIn(voice, fromSample, untilSample)
      if (voice.isDry || samples <= 0 || reader.availableSamples() >= samples) continue
      const isOpen = reader.state.state === 'open'
      // What goes out has been promised from what was in hand: it is late only while the mixer is faster than the network.
      if (isGoingOut(voice, fromSample) && !(isOpen && reader.streaming)) continue
      const patienceMs = reader.hasSounded ? limits.voiceDryMs : limits.voiceRestoreMs
      return { id: idOf(voice), patienceMs: isOpen ? patienceMs : 0 }
    }
    return null
  }

  giveUp(id: string, fromSample: number, reason: string): void {
    const voice = this.sounding.find((other) => idOf(other) === id)
    if (!voice) return
    voice.isDry = true
    if (isGoingOut(voice, fromSample)) return
    const { sessionId, reader } = voice
    const fadeSamples = reader.availableSamples()
    const why = reader.state.state === 'failed' ? reader.state.reason : reason
    const endSample = Math.max(fromSample, voice.span.startSample) + fadeSamples
    const ended = this.endLive(sessionId, { endSample, fadeSamples, reason: `Its audio ran dry: ${why}.` })
    this.options.log.warn({ session: sessionId, reason: why }, 'a voice ran dry; the programme comes in')
    this.onDry(sessionId, ended?.endSample ?? fromSample, why)
  }

  isIdle(): boolean {
    return this.sounding.length === 0 && this.transitions.isIdle && this.ducking.isOpen
  }

  mixOver(mix: Float32Array, fromSample: number, heard: Uint8Array): void {
    for (const voice of this.sounding) this.followPlacement(voice)
    this.duck(mix, fromSample)
    for (const voice of this.sounding) {
      const { start, samples } = soundingIn(voice, fromSample, fromSample + FRAME_SAMPLES)
      const there = Math.min(samples, voice.reader.availableSamples())
      if (there <= 0) continue
      voice.reader.read(this.scratch, there)
      addWithEnvelope(mix, start - fromSample, this.scratch, there, voice.span, start, 1)
      for (let index = start - fromSample; index < start - fromSample + there; index++) heard[index]! += 1
    }
    this.transitions.measure(fromSample, heard)
  }

  private duck(mix: Float32Array, fromSample: number): void {
    const { duckDb, duckDownMs, duckUpMs } = this.options.settings()
    const isOver = ({ talkOver, span }: Voice): boolean =>
      talkOver && span.startSample < fromSample + FRAME_SAMPLES && fromSample < span.endSample - span.fadeOutSamples
    const isDown = this.sounding.some(isOver) || fromSample < this.duckedUntilSample
    if (this.duckedUntilSample > 0 && fromSample >= this.duckedUntilSample) {
      this.duckedUntilSample = 0
      if (!isDown) this.ducking.jumpTo(0)
    }
    this.ducking.apply(mix, isDown ? duckDb : 0, duckDb, isDown ? duckDownMs : duckUpMs)
  }

  closeAll(): void {
    for (const reader of new Set([...this.readers.values(), ...this.sounding.map((voice) => voice.reader)]))
      reader.close()
    this.readers.clear()
  }

  private reader(feed: LiveFeed, saved: SavedVoice | null): LiveReader {
    const { clock, log, settings, nowSample, wake, startSample } = this.options
    return new LiveReader(
      { feed, levelLufs: settings().levelLufs, nowSample, clock, log, onChange: wake },
      saved && { ...saved, startSample: Math.max(startSample, saved.span.startSample) },
    )
  }

  /** The programme goes on under the voice; a voice that has the air alone gives it back to the programme. */
  private goLiveOverProgramme(before: readonly Voice[], at: number, fadeSamples: number) {
    const { programme, settings } = this.options
    const mixed = this.mixedUntilSample()
    const end = { startSample: at + fadeSamples, fadeSamples, reason: 'Another voice came in, over the programme.' }
    for (const { placementId } of before) {
      if (placementId === null) continue
      programme.endLive(placementId, end, mixed)
      this.ducking.jumpTo(settings().duckDb)
    }
    programme.setHold(false, fadeSamples, mixed)
    return { startSample: at, fadeSamples }
  }

  private placeLive(voice: { sessionId: string; anchorName: string; title: string }, at: number, fadeSamples: number) {
    const placementId = `live-${voice.sessionId}-${++this.placements}`
    const { title, anchorName: artist } = voice
    const reason = `${artist} went live.`
    const span = this.options.programme.goLive({ id: placementId, title, artist, reason }, at, fadeSamples)
    return { placementId, ...span }
  }

  /** The voice that has the air for a session, as opposed to the tail of an earlier one. */
  private onAir(sessionId: string): Voice | undefined {
    return this.sounding.findLast((voice) => voice.sessionId === sessionId && !isTakenOver(voice))
  }

  /** What the programme has decided of its span holds for the voice. */
  private followPlacement({ placementId, span }: Voice): void {
    if (placementId === null || span.takenOver) return
    const placement = this.options.programme.placements.find(({ id }) => id === placementId)
    if (!placement) span.endSample = Math.min(span.endSample, this.mixedUntilSample())
    else if (!placement.takenOver) {
      span.endSample = placement.open ? OPEN_END : placement.endSample
      span.fadeOutSamples = placement.fadeOutSamples
    }
  }

  /** A span of the programme that belongs to a voice which is no more would be silence. */
  private endOrphans(fromSample: number): void {
    const { programme } = this.options
    const last = programme.placements.at(-1)
    if (!last?.open || last.rung !== 'live' || this.sounding.some(({ placementId }) => placementId === last.id)) return
    programme.endLive(last.id, { startSample: fromSample, fadeSamples: 0, reason: 'Its voice is gone.' }, fromSample)
  }

  private letGo(fromSample: number): void {
    for (const voice of this.sounding) {
      const { span, reader, sessionId } = voice
      if (span.endSample > fromSample) continue
      this.heardSpans.push({ startSample: span.startSample, endSample: span.endSample })
      reader.close()
      if (this.readers.get(sessionId) === reader) this.readers.delete(sessionId)
    }
    if (this.sounding.some(({ span }) => span.endSample <= fromSample))
      this.sounding = this.sounding.filter(({ span }) => span.endSample > fromSample)
    const horizon = fromSample - REMEMBERED_SAMPLES
    if (this.heardSpans.some(({ endSample }) => endSample < horizon))
      this.heardSpans = this.heardSpans.filter(({ endSample }) => endSample >= horizon)
  }

  private restore(saved: SavedVoice): void {
    const { programme, peerOf, startSample, log } = this.options
    const { sessionId, anchorName, title, talkOver, placementId, ending, span } = saved
    if (span.endSample <= startSample) return
    const peer = peerOf(saved.ingest)
    const isPlaced = placementId === null || programme.placements.some(({ id }) => id === placementId)
    if (!peer || !isPlaced) {
      const reason = peer ? 'the air went on without it' : `the ingest node ${saved.ingest} is not known any more`
      this.lostAtRestart.push({ sessionId, reason })
      return
    }
    const { keyId, run, bufferSamples } = saved
    const reader = this.reader({ peer, keyId, run, from: 'newest', bufferSamples }, saved)
    if (ending) reader.freeze()
    this.sounding.push({ sessionId, anchorName, title, talkOver, placementId, ending, isDry: false, span, reader })
    if (!span.takenOver) this.readers.set(sessionId, reader)
    log.info({ session: sessionId, offset: reader.audio().offsetNow }, 'a voice is read on after a restart')
  }
}

const samplesOf = (ms: number): number => Math.round((ms * SAMPLE_RATE) / 1000)
