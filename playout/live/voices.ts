import { FRAME_SAMPLES, SAMPLE_RATE } from '../../media/timeline.ts'
import { limits } from '../limits.ts'
import { addWithEnvelope, takeOver } from '../mixer/envelope.ts'
import type { LateVoice, VoiceLayer } from '../mixer/voice-layer.ts'
import { HeardSpans } from './heard-spans.ts'
import type { LiveAir, LiveAudio, LiveFeed, LiveVoice, Transition } from './live-air.ts'
import { LiveReader } from './live-reader.ts'
import { ProgrammeUnderneath } from './programme-underneath.ts'
import { restoredVoice, savedVoice } from './saved-voice.ts'
import type { SavedVoice, SavedVoices } from './saved-voices.ts'
import { Transitions } from './transitions.ts'
import { idOf, isGoingOut, isTakenOver, OPEN_END, soundingIn, type Voice } from './voice.ts'
import { VoicePlacements } from './voice-placements.ts'
import type { VoicesOptions } from './voices-options.ts'

const CLOSE_FADE_SAMPLES = SAMPLE_RATE / 50

/** The live voices over the programme: opened, brought in, mixed, measured and let go of. */
export class Voices implements LiveAir, VoiceLayer {
  onBlock: LiveAir['onBlock'] = () => {}
  onTransition: LiveAir['onTransition'] = () => {}
  onDry: LiveAir['onDry'] = () => {}
  private readonly options: VoicesOptions
  private readonly readers = new Map<string, LiveReader>()
  private sounding: Voice[] = []
  private readonly heardSpans: HeardSpans
  private readonly placements: VoicePlacements
  private readonly underneath: ProgrammeUnderneath
  private readonly transitions = new Transitions((measured: Transition) => this.onTransition(measured))
  private readonly scratch = new Float32Array(FRAME_SAMPLES * 2)
  private lostAtRestart: { sessionId: string; reason: string }[] = []

  constructor(options: VoicesOptions) {
    this.options = options
    this.heardSpans = new HeardSpans(options.saved?.heard ?? [])
    this.underneath = new ProgrammeUnderneath(options.settings)
    this.placements = new VoicePlacements(options.programme, options.saved?.placements ?? 0)
    for (const saved of options.saved?.voices ?? []) this.restore(saved)
    if (this.sounding.some(({ talkOver }) => talkOver)) this.underneath.jumpDown()
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
      : this.placements.place(voice, at, voice.fadeSamples)
    const { startSample, fadeSamples } = placed
    for (const other of before)
      if (other.span.endSample > startSample) takeOver(other.span, startSample, startSample + fadeSamples)
    reader.begin(startSample)
    this.sounding.push({
      ...{ sessionId, anchorName, title, talkOver, reader, placementId: placed.placementId },
      ...{ ending: false, isDry: false },
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
      if (!this.placements.end(voice, wanted, mixed)) return null
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
      this.placements.bringBack(voice, at, fadeSamples, 'The programme goes on under the voice.', at)
      voice.placementId = null
      voice.span.endSample = OPEN_END
      voice.span.fadeOutSamples = 0
      if (at >= voice.span.startSample + voice.span.fadeInSamples) this.underneath.jumpDown()
    } else {
      const placed = this.placements.place(voice, at, fadeSamples)
      voice.placementId = placed.placementId
      this.underneath.stayDownUntil(placed.startSample + placed.fadeSamples)
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
    return this.placements.itemEndSample(this.mixedUntilSample(), fadeSamples)
  }

  cueOfSegment(segment: number): 'programme' | 'live' {
    return this.heardSpans.cueOfSegment(
      segment,
      this.sounding.map(({ span }) => span),
    )
  }

  save(): SavedVoices {
    return {
      voices: this.sounding.flatMap((voice) => savedVoice(voice) ?? []),
      heard: this.heardSpans.all,
      hold: this.isHeld,
      placements: this.placements.count,
    }
  }

  beforeBlock(fromSample: number): void {
    for (const { sessionId, reason } of this.lostAtRestart.splice(0)) this.onDry(sessionId, fromSample, reason)
    this.followPlacements()
    this.letGo(fromSample)
    this.onBlock(fromSample)
    this.followPlacements()
    this.placements.endOrphan(this.sounding, fromSample)
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
    return this.sounding.length === 0 && this.transitions.isIdle && this.underneath.isOpen
  }

  mixOver(mix: Float32Array, fromSample: number, heard: Uint8Array): void {
    this.followPlacements()
    this.underneath.apply(mix, fromSample, this.sounding)
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
    const mixed = this.mixedUntilSample()
    for (const other of before)
      if (this.placements.bringBack(other, at, fadeSamples, 'Another voice came in, over the programme.', mixed))
        this.underneath.jumpDown()
    this.options.programme.setHold(false, fadeSamples, mixed)
    return { startSample: at, fadeSamples }
  }

  /** The voice that has the air for a session, as opposed to the tail of an earlier one. */
  private onAir(sessionId: string): Voice | undefined {
    return this.sounding.findLast((voice) => voice.sessionId === sessionId && !isTakenOver(voice))
  }

  private followPlacements(): void {
    for (const voice of this.sounding) this.placements.follow(voice, this.mixedUntilSample())
  }

  private letGo(fromSample: number): void {
    for (const voice of this.sounding) {
      const { span, reader, sessionId } = voice
      if (span.endSample > fromSample) continue
      this.heardSpans.add(span)
      reader.close()
      if (this.readers.get(sessionId) === reader) this.readers.delete(sessionId)
    }
    if (this.sounding.some(({ span }) => span.endSample <= fromSample))
      this.sounding = this.sounding.filter(({ span }) => span.endSample > fromSample)
    this.heardSpans.forgetBefore(fromSample)
  }

  private restore(saved: SavedVoice): void {
    const { peerOf, startSample, log } = this.options
    const { sessionId, placementId, span } = saved
    if (span.endSample <= startSample) return
    const peer = peerOf(saved.ingest)
    const isPlaced = placementId === null || this.placements.has(placementId)
    if (!peer || !isPlaced) {
      const reason = peer ? 'the air went on without it' : `the ingest node ${saved.ingest} is not known any more`
      this.lostAtRestart.push({ sessionId, reason })
      return
    }
    const { keyId, run, bufferSamples } = saved
    const voice = restoredVoice(saved, this.reader({ peer, keyId, run, from: 'newest', bufferSamples }, saved))
    this.sounding.push(voice)
    if (!span.takenOver) this.readers.set(sessionId, voice.reader)
    log.info({ session: sessionId, offset: voice.reader.audio().offsetNow }, 'a voice is read on after a restart')
  }
}

const samplesOf = (ms: number): number => Math.round((ms * SAMPLE_RATE) / 1000)
