import { adtsOfUnits } from '../../../media/adts.ts'
import { FRAME_SAMPLES } from '../../../media/timeline.ts'
import { systemClock } from '../../../platform/clock.ts'
import { createLogger } from '../../../platform/log.ts'
import { type Processes, systemProcesses } from '../../../platform/processes.ts'
import { Encoder } from '../../../playout/encoder/encoder.ts'
import { limits } from '../../../playout/limits.ts'
import { ffmpeg, high, low, MUSIC } from '../../media/real-frames.ts'
import { errorDb, formatDb } from './decibels.ts'
import type { Row } from './table.ts'

const FIRST = 84_000_000_000
const FRAMES = 480
const KILLS_AFTER = [110, 230, 350]
const PAIRS_PER_BLOCK = FRAME_SAMPLES
/** Frames after a splice within which the new encoder's decisions may still differ audibly. */
const NEAR_FRAMES = 8

/** The real encoder on music, with its ffmpeg killed three times, beside one that lives: what each decodes to. */
export async function encoderSpliceRows(): Promise<Row[]> {
  const input = ['-f', 'lavfi', '-i', MUSIC, '-t', String(Math.ceil(((FRAMES + 24) * FRAME_SAMPLES) / 48_000))]
  const pcm = floatsOf(ffmpeg([...input, '-ac', '2', '-f', 'f32le', '-']))
  const unbroken = await encode(pcm, [])
  const spliced = await encode(pcm, KILLS_AFTER)
  return [high, low].flatMap(({ id, channels }) => {
    const original = channels === 2 ? pcm : downmixed(pcm)
    const whole = decoded(unbroken.rows.get(id)!, channels)
    const joined = decoded(spliced.rows.get(id)!, channels)
    const perFrame = (a: Float32Array, b: Float32Array): number[] =>
      Array.from({ length: FRAMES - 8 }, (_, index) => {
        const from = (index + 4) * FRAME_SAMPLES * channels
        return errorDb(a, b, from, from + FRAME_SAMPLES * channels)
      })
    const worst = (values: readonly number[]): number => Math.max(...values)
    const between = perFrame(whole, joined)
    const near = between.filter((_, index) =>
      KILLS_AFTER.some((kill) => index + 4 >= kill && index + 4 < kill + NEAR_FRAMES * 4),
    )
    return [
      {
        rendition: `${id}, encoder killed ${spliced.restarts} times`,
        'worst frame beside the unbroken render': formatDb(worst(between)),
        'of it, near the splices': formatDb(worst(near)),
        'frames that differ': between.filter((db) => db > Number.NEGATIVE_INFINITY).length,
        'worst frame beside the original': formatDb(worst(perFrame(joined, original))),
        'the unbroken one’s': formatDb(worst(perFrame(whole, original))),
      },
    ]
  })
}

async function encode(pcm: Float32Array, killsAfter: readonly number[]) {
  const rows = new Map([high, low].map(({ id }) => [id, [] as Buffer[]]))
  const kills = [...killsAfter]
  let pid = 0
  const processes: Processes = {
    start(...started) {
      const child = systemProcesses.start(...started)
      pid = child.pid!
      return child
    },
  }
  let wake: () => void = () => {}
  const encoder = new Encoder({
    renditions: [high, low],
    firstFrames: { high: FIRST, low: FIRST },
    clock: systemClock,
    processes,
    log: createLogger('bench', 'silent'),
    onUnit(rendition, _frame, unit) {
      const row = rows.get(rendition)!
      if (row.length < FRAMES) row.push(unit)
      if (rows.get('high')!.length !== kills[0]) return
      kills.shift()
      process.kill(pid, 'SIGKILL')
    },
    onProgress: () => wake(),
  })
  let next = FIRST - limits.encoderWarmBlocks
  while ([...rows.values()].some((row) => row.length < FRAMES)) {
    while (encoder.backlogBlocks < limits.encoderBacklogBlocksMax && next < FIRST + FRAMES + 8) {
      encoder.push(next, blockOf(pcm, next - FIRST))
      next += 1
    }
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  encoder.close()
  return { rows, restarts: encoder.restarts }
}

/** Block 0 begins at the signal's first sample; what warms the encoder before it is silence. */
function blockOf(pcm: Float32Array, number: number): Float32Array {
  if (number < 0) return new Float32Array(PAIRS_PER_BLOCK * 2)
  return pcm.slice(number * PAIRS_PER_BLOCK * 2, (number + 1) * PAIRS_PER_BLOCK * 2)
}

function decoded(units: readonly Uint8Array[], channels: 1 | 2): Float32Array {
  return floatsOf(ffmpeg(['-f', 'aac', '-i', 'pipe:0', '-f', 'f32le', '-'], adtsOfUnits(units, channels)))
}

function floatsOf(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)))
}

function downmixed(pcm: Float32Array): Float32Array {
  return Float32Array.from({ length: pcm.length / 2 }, (_, index) => 0.5 * (pcm[index * 2]! + pcm[index * 2 + 1]!))
}
