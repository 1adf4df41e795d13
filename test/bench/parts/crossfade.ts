import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { programs, systemProcesses } from '../../../platform/processes.ts'
import { LOOKAHEAD_SAMPLES } from '../../../playout/mixer/limiter.ts'
import { Mixer } from '../../../playout/mixer/mixer.ts'
import type { Placement } from '../../../playout/programme/placement.ts'
import { Programme } from '../../../playout/programme/programme.ts'
import { BedSource } from '../../../playout/sources/bed-source.ts'
import { decoderArguments, FileSource } from '../../../playout/sources/file-source.ts'
import type { Rundown, RundownItem } from '../../../schemas/rundown.ts'
import { ffmpeg } from '../../media/real-frames.ts'
import { errorDb, formatDb } from './decibels.ts'
import type { Row } from './table.ts'

const FIRST_FRAME = 84_000_000_000
const START = FIRST_FRAME * FRAME_SAMPLES
const SECONDS = 8
const FADE_SECONDS = 3
const FRAMES = 560
const FADE_FROM = (SECONDS - FADE_SECONDS) * SAMPLE_RATE
const FADE_TO = SECONDS * SAMPLE_RATE
/** A little past the middle of the crossfade. */
const BROKEN_AT = Math.round((FADE_FROM + 0.6 * (FADE_TO - FADE_FROM)) / FRAME_SAMPLES)

/**
 * Two files joined by a crossfade, through the real decoders and mixer: beside the same sum computed in double precision, and beside a
 * second mixer that, as after a crash, begins in the middle of the fade with what the checkpoint holds.
 */
export async function crossfadeRows(folder: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const extension of ['wav', 'mp3', 'm4a']) {
    const files = ['pink', 'brown'].map((color, index) => {
      const path = join(folder, `${color}.${extension}`)
      const noise = `anoisesrc=c=${color}:a=0.2:r=${index === 0 ? 44_100 : 48_000}:d=${SECONDS + 1}:seed=${index + 1}`
      ffmpeg([
        '-f',
        'lavfi',
        '-i',
        noise,
        '-ac',
        '2',
        ...(extension === 'wav' ? ['-c:a', 'pcm_f32le'] : []),
        '-y',
        path,
      ])
      return path
    })
    const rundown = rundownOf(files)
    const unbroken = await render(rundown, [], FIRST_FRAME, FRAMES)
    const resumed = await render(rundown, unbroken.placements, FIRST_FRAME + BROKEN_AT, FRAMES - BROKEN_AT)
    const ideal = idealOf(files)
    const pairs = (sample: number): number => sample * 2
    const tail = unbroken.pcm.subarray(pairs(BROKEN_AT * FRAME_SAMPLES))
    rows.push({
      'crossfade of two': `${extension} files`,
      'level within the fade': formatDb(
        errorDb(ideal, new Float32Array(ideal.length), pairs(FADE_FROM), pairs(FADE_TO)),
      ),
      'error beside doubles': formatDb(errorDb(unbroken.pcm, ideal, pairs(FADE_FROM), pairs(FADE_TO))),
      'resumed in the fade, beside unbroken': formatDb(errorDb(resumed.pcm, tail, 0, tail.length)),
    })
  }
  return rows
}

async function render(rundown: Rundown, placed: readonly Placement[], firstFrame: number, frames: number) {
  const programme = new Programme({
    startSample: (firstFrame - 1) * FRAME_SAMPLES + LOOKAHEAD_SAMPLES,
    placed,
    stationName: 'Bench',
    hasEmergency: () => false,
    onEvent: () => {},
  })
  programme.load(rundown)
  let wake: () => void = () => {}
  const mixer = new Mixer({
    programme,
    firstFrame,
    truePeakDbtp: -1,
    openSource: ({ path, cueInSample, startSample, endSample }, offset) =>
      path === null
        ? new BedSource(offset)
        : new FileSource({
            path,
            fromSample: cueInSample + offset,
            samples: endSample - startSample - offset,
            clock: systemClock,
            processes: systemProcesses,
            log: createLogger('bench', 'silent'),
            onChange: () => wake(),
          }),
  })
  const pcm = new Float32Array(frames * FRAME_SAMPLES * 2)
  for (let frame = 0; frame < frames; frame++) {
    while (mixer.prepare().waitingFor)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    pcm.set(mixer.render().block, frame * FRAME_SAMPLES * 2)
  }
  mixer.close()
  return { pcm, placements: programme.placements }
}

function rundownOf(files: readonly string[]): Rundown {
  const items = files.map((path, index): RundownItem => {
    const isFirst = index === 0
    return {
      path,
      fingerprint: '1-1',
      kind: 'music',
      title: path,
      artist: '',
      cueInSample: 0,
      gainDb: 0,
      id: String(index),
      // The first one has begun a second before, so that nothing but the crossfade happens here.
      startSample: START + (isFirst ? -SAMPLE_RATE : FADE_FROM),
      lengthSamples: (SECONDS + (isFirst ? 1 : 0)) * SAMPLE_RATE,
      fadeInSamples: isFirst ? 0 : FADE_SECONDS * SAMPLE_RATE,
      fadeOutSamples: isFirst ? FADE_SECONDS * SAMPLE_RATE : 0,
      anchored: false,
      reason: '',
    }
  })
  return {
    stationId: 'bench',
    version: 1,
    madeAtMs: 0,
    fromSample: START - SAMPLE_RATE,
    untilSample: START + (2 * SECONDS - FADE_SECONDS) * SAMPLE_RATE,
    crossfadeSamples: FADE_SECONDS * SAMPLE_RATE,
    items,
    reserve: [],
  }
}

/** What the files decode to, with quarter waves of sine and cosine. */
function idealOf(files: readonly string[]): Float32Array {
  const [first, second] = files.map(decodedFile) as [Float32Array, Float32Array]
  const mix = new Float32Array(FADE_TO * 2)
  for (let index = 0; index < FADE_TO; index++) {
    const phase = (Math.max(0, index - FADE_FROM + 0.5) / (FADE_TO - FADE_FROM)) * (Math.PI / 2)
    for (const channel of [0, 1]) {
      const out = first[(index + SAMPLE_RATE) * 2 + channel]! * Math.cos(phase)
      const coming = index < FADE_FROM ? 0 : second[(index - FADE_FROM) * 2 + channel]! * Math.sin(phase)
      mix[index * 2 + channel] = out + coming
    }
  }
  return mix
}

function decodedFile(path: string): Float32Array {
  const { stdout } = spawnSync(programs.ffmpeg, decoderArguments(path, 0), { maxBuffer: 2 ** 28 })
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~3)))
}
