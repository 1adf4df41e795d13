import type { Clock } from '../../platform/clock.ts'
import { decodeWhole } from './offline-decoder.ts'
import { SoundMeter } from './sound-meter.ts'
import { readTags, type Tags } from './tags.ts'
import { judge, type Measured, type Verdict } from './verdict.ts'

export type Analysis = { playable: true; measured: Measured; tags: Tags } | Extract<Verdict, { playable: false }>

/** A slow disk is allowed for; a decoder that hangs is not. Ten hours of audio take about three minutes. */
const LIMIT_MS = 300_000
const LIMIT_MS_PER_MEGABYTE = 2_000

export type Analyser = typeof analyse

/**
 * Decodes a file whole, measures it and reads its tags. Answers for any file whatever is in it: unplayable ones with a
 * reason. Rejects only with the signal's reason.
 */
export async function analyse(
  file: { path: string; bytes: number },
  ports: { clock: Clock; signal: AbortSignal },
): Promise<Analysis> {
  if (file.bytes === 0) return { playable: false, reason: 'It is empty.', passing: false }
  const meter = new SoundMeter()
  const limitMs = Math.round(LIMIT_MS + (file.bytes / 1e6) * LIMIT_MS_PER_MEGABYTE)
  const report = await decodeWhole(file.path, { ...ports, limitMs }, (pcm) => meter.add(pcm))
  const verdict = judge(report, meter)
  if (!verdict.playable) return verdict
  return { playable: true, measured: verdict.measured, tags: await readTags(file.path, ports.clock) }
}
