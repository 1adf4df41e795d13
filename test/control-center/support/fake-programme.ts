import type { PlanMade, PlanRequest } from '../../../control-center/planner/planner.ts'
import type { Programme } from '../../../control-center/planner/programme.ts'
import { endSampleOf } from '../../../media/rundown-joins.ts'
import { SAMPLE_RATE, sampleAtMs } from '../../../media/timeline.ts'
import type { RundownItem } from '../../../schemas/rundown.ts'
import type { StationFile } from '../../../schemas/station.ts'

const ITEM_SAMPLES = 600 * SAMPLE_RATE

/** A library of one song, played round and round in pieces of ten minutes: keeps what is committed, as the real planner does. */
export function fakeProgramme(station: () => StationFile) {
  const library = { version: 'library 1' }
  const plans: PlanRequest[] = []
  const itemAt = (startSample: number): RundownItem => ({
    id: `song.${startSample}`,
    path: '/music/song.flac',
    fingerprint: '1',
    kind: 'music',
    title: `Song at ${startSample}`,
    artist: station().name,
    cueInSample: 0,
    lengthSamples: ITEM_SAMPLES,
    gainDb: 0,
    startSample,
    fadeInSamples: 0,
    fadeOutSamples: 0,
    anchored: false,
    reason: 'it is the only song',
  })
  const makePlan = (request: PlanRequest): PlanMade => {
    plans.push(request)
    const { previous, committedUntilSample, untilSample, extend } = request
    const nowSample = sampleAtMs(request.nowMs)
    const before = previous?.rundown.items ?? []
    const items = before.filter(
      (item) => endSampleOf(item) > nowSample && (extend || item.startSample < committedUntilSample),
    )
    const fromSample = items[0]?.startSample ?? nowSample
    for (let at = items.at(-1) ? endSampleOf(items.at(-1)!) : fromSample; at < untilSample; at += ITEM_SAMPLES)
      items.push(itemAt(at))
    const end = endSampleOf(items.at(-1)!)
    return { fromSample, untilSample: end, crossfadeSamples: 0, items, reserve: [], cursors: { end }, warnings: [] }
  }
  const programme: Programme = {
    libraryVersion: () => library.version,
    makePlan,
    dryRun: (nowMs, days) => ({
      fromMs: nowMs,
      untilMs: nowMs + days * 86_400_000,
      items: [],
      warnings: ['only one song'],
    }),
    library: () => ({
      entries: [{ file: 'song.flac', title: 'Song', artist: 'A', durationSeconds: 600, gainDb: 0 }],
      problems: [{ file: 'broken.mp3', reason: 'it cannot be decoded' }],
      note: null,
    }),
    alarms: () => [],
    stop: () => undefined,
  }
  return { programme, library, plans }
}
