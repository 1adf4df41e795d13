import { EMERGENCY, FREQUENCIES } from '../../end-to-end/support/tone-music.ts'
import { sliceOf } from '../../oracle/pcm.ts'
import { trackTones } from '../../oracle/tone-levels.ts'
import { type HeardTurns, hearTurns } from '../../oracle/turns.ts'
import { figuresOf, type HandoffFigures, type Mark } from './handoff-figures.ts'
import { HlsRecorder, type Recording } from './handoff-recording.ts'
import { ANCHOR, type OnAir, PROGRAMME, type RunningSystem, TONES } from './handoff-system.ts'
import { pause, until } from './waiting.ts'

/** Clicks so long after a segment was listed, a third of a segment apart, so that nobody is lucky. The last is that of the encoder that dies. */
const CLICKS_AFTER_LISTING_MS = [600, 1_940]
const LAST_CLICK_AFTER_MS = 3_280
const ON_AIR_MS = 5_000
/** The last that was made must be listed before it can be heard. */
const SEGMENTS_AFTER = 2
const SEGMENTS_WITHIN_MS = 15_000

const PROGRAMME_TONES = FREQUENCIES.filter((frequency) => frequency !== EMERGENCY.frequency)

/** Goes on the air and off it again, twice politely and once by the encoder's death. */
export async function playChanges(system: RunningSystem): Promise<HandoffFigures> {
  const recorder = new HlsRecorder(system.playlistUrl)
  const marks: Mark[] = []
  await recorded(recorder, 1)
  for (const afterMs of CLICKS_AFTER_LISTING_MS) {
    const onAir = await system.goLive(() => moment(recorder, afterMs))
    marks.push({ kind: 'live', atMs: onAir.clickMs })
    await pause(ON_AIR_MS)
    onAir.sender.frequency = TONES.last
    await pause(1_000)
    marks.push({ kind: 'end', atMs: await system.end(onAir) })
    await pause(system.settlesMs)
  }
  const onAir = await system.goLive(() => moment(recorder, LAST_CLICK_AFTER_MS))
  marks.push({ kind: 'live', atMs: onAir.clickMs })
  await pause(system.settlesMs)
  onAir.sender.signal('SIGKILL')
  marks.push({ kind: 'drop', atMs: Date.now() })
  await pause(system.settlesMs)
  await system.giveUp(onAir)
  await recorded(recorder, recorder.count + SEGMENTS_AFTER)
  const recording = await recorder.end()
  const { pcm, segments } = recording
  return figuresOf({
    anchor: ANCHOR,
    heard: turnsOf(recording),
    segments,
    marks,
    first: trackTones(pcm, [TONES.first], 5),
    last: trackTones(pcm, [TONES.last], 5),
    programme: trackTones(pcm, PROGRAMME_TONES, 20),
  })
}

/** On air, for what is done to it then. */
export async function onAirFor(
  system: RunningSystem,
  ms: number,
  options: { speed?: number } = {},
): Promise<{ onAir: OnAir; recorder: HlsRecorder }> {
  const recorder = new HlsRecorder(system.playlistUrl)
  await recorded(recorder, 1)
  const onAir = await system.goLive(() => moment(recorder, CLICKS_AFTER_LISTING_MS[0]!), options)
  await pause(ms)
  return { onAir, recorder }
}

/** Who was heard. `speed`: an anchor's tones, played as slowly as they were sent, count as the anchor's too. */
export function turnsOf({ pcm }: Recording, speed = 1): HeardTurns {
  const anchor = Object.values(TONES)
  const slowed = speed === 1 ? [] : anchor.map((frequency) => frequency * speed)
  // What the first frame decodes to lacks its overlap.
  const judged = sliceOf(pcm, 0, Number.POSITIVE_INFINITY)
  for (const channel of judged.channels) channel.fill(0, 0, 1024)
  return hearTurns(judged, [
    { name: PROGRAMME, frequencies: PROGRAMME_TONES },
    { name: ANCHOR, frequencies: [...anchor, ...slowed] },
  ])
}

export function recorded(recorder: HlsRecorder, segments: number): Promise<unknown> {
  return until(`${segments} segments`, SEGMENTS_WITHIN_MS, () => recorder.count >= segments).catch(() => null)
}

/** So long after a segment was listed. */
async function moment(recorder: HlsRecorder, afterMs: number): Promise<void> {
  const before = recorder.count
  await recorded(recorder, before + 1)
  await pause(afterMs - recorder.nothingNewMs)
}
