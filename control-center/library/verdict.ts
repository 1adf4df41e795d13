import { SAMPLE_RATE } from '../../media/timeline.ts'
import type { DecoderReport } from './offline-decoder.ts'
import type { SoundMeter } from './sound-meter.ts'

export type Measured = {
  cueInSample: number
  lengthSamples: number
  loudnessLufs: number
  truePeakDbtp: number
}
/** `passing`: the reason lies outside the file, and another try may end otherwise. */
export type Verdict = { playable: true; measured: Measured } | { playable: false; reason: string; passing: boolean }

/** Shorter than this is a click, and a rotation of clicks is work without end. */
const SECONDS_MIN = 0.1
/** One damaged packet stands for about this much sound. */
const PACKET_SAMPLES = 1152
const DAMAGED_SHARE_MAX = 0.05
const LUFS_MEASURABLE_MIN = -69.9

/** Whether a file may be planned, and if not, why, in a sentence for the programmer. */
export function judge(report: DecoderReport, meter: SoundMeter): Verdict {
  const passing = report.interrupted || /Permission denied|No such file|Input\/output error/.test(saidBy(report))
  const setAside = (reason: string): Verdict => ({ playable: false, reason, passing })
  const seconds = meter.length / SAMPLE_RATE
  if (report.failure && meter.length === 0) return setAside(whyNothing(report))
  if (report.failure) return setAside(`It can be decoded for ${asTime(seconds)} only, then ${plain(report.failure)}.`)
  if (meter.length === 0) return setAside('No sound is in it: not one sample could be decoded.')
  if (meter.absurd > 0) return setAside('It is damaged: some of its samples are not numbers.')
  const damaged = (report.damagedPackets * PACKET_SAMPLES) / meter.length
  if (damaged > DAMAGED_SHARE_MAX)
    return setAside(
      `It is damaged: ${report.damagedPackets} parts of it can't be decoded${report.complaints[0] ? ` (${report.complaints[0]})` : ''}.`,
    )
  const declared = report.declaredSeconds
  if (declared !== null && seconds < declared * 0.95 - 0.5)
    return setAside(`It breaks off: ${asTime(declared)} are announced, ${asTime(seconds)} are there.`)
  const audible = meter.audible()
  if (!audible) return setAside('Nothing but silence is in it.')
  if (audible.lengthSamples < SECONDS_MIN * SAMPLE_RATE)
    return setAside(
      `It is too short to be planned: ${Math.round((audible.lengthSamples * 1000) / SAMPLE_RATE)} ms of sound.`,
    )
  const gated = report.loudnessLufs ?? Number.NEGATIVE_INFINITY
  return {
    playable: true,
    measured: {
      ...audible,
      loudnessLufs: round(gated > LUFS_MEASURABLE_MIN ? gated : Math.max(-99, meter.plainLoudnessLufs)),
      truePeakDbtp: round(Number.isFinite(report.truePeakDbtp) ? report.truePeakDbtp! : meter.peakDbfs),
    },
  }
}

function whyNothing(report: DecoderReport): string {
  const said = saidBy(report)
  if (/matches no streams/.test(said)) return 'No audio is in it.'
  if (/moov atom not found/.test(said)) return 'It is incomplete: the index at its end is missing. Copy it again.'
  if (/Permission denied/.test(said)) return 'This user may not read it.'
  if (/Decoder .*not found|codec none/i.test(said))
    return 'It is encrypted (DRM), or in a format that is not known here.'
  if (/Format not on whitelist/.test(said)) return 'It is not an audio file, whatever its name says.'
  if (/Invalid data found|Invalid argument/.test(said))
    return 'It is not audio in a known format, or damaged from its beginning.'
  if (/No such file/.test(said)) return 'It disappeared while it was being looked at.'
  return `It can't be decoded: ${plain(report.failure ?? said)}.`
}

const saidBy = (report: DecoderReport): string => [...report.complaints, report.failure ?? ''].join('\n')
/** The last line of an error, without its final stop. */
const plain = (message: string): string => message.trim().split('\n').at(-1)!.replace(/\.$/, '')
const round = (level: number): number => Math.round(level * 10) / 10

/** 62.3 → 1:02. */
function asTime(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')} minutes`
}
