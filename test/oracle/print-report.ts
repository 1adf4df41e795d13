import { msOfSample } from '../../media/timeline.ts'
import type { ListenReport } from './report.ts'

/** The report as a table for people: one line a measurement, then what must be zero and is not. */
export function printReport(report: ListenReport): string {
  const { playback, timeline, playlist, dateTimes, http, origins, sound, titles, failures } = report
  const lateness = playlist.latenessMs
  const rows: [string, string][] = [
    ['listened to', `${report.playlistUrl} (${report.packaging ?? 'nothing'})`],
    [
      'heard',
      `${timeline.segments} segments, ${timeline.frames} frames, ${((timeline.frames * 1024) / 48000).toFixed(1)} s`,
    ],
    ['start', playback.startedAfterMs === null ? 'never' : ms(playback.startedAfterMs)],
    ['stall', `${ms(playback.stallMs)} in ${playback.stalls.length} stalls`],
    ['least buffer', playback.leastBufferSeconds === null ? '-' : `${playback.leastBufferSeconds.toFixed(2)} s`],
    ['gap', `${ms(timeline.gapMs)} (${timeline.missingFrames} frames missing)`],
    [
      'repeat',
      `${ms(timeline.repeatMs)} (${timeline.repeatedFrames} frames twice, ${timeline.repeatedContent.length} passages said again)`,
    ],
    ['discontinuities', `${playlist.discontinuities}`],
    ['sequence regressions', `${playlist.sequenceRegressions}`],
    [
      'playlist',
      `${playlist.loads} loads, ${playlist.anomalies.length} anomalies, at most ${(playlist.longestUnchangedMs / 1000).toFixed(1)} s unchanged`,
    ],
    [
      'listed after its end',
      lateness ? `${ms(lateness.least)} / ${ms(lateness.median)} / ${ms(lateness.most)} (least / median / most)` : '-',
    ],
    [
      'date-time error',
      dateTimes.worstErrorMs === null
        ? '-'
        : `${dateTimes.worstErrorMs.toFixed(1)} ms at worst, of ${dateTimes.compared}`,
    ],
    ['HTTP', `${http.requests} requests, slowest ${ms(http.slowestMs)}, errors: ${listed(http.errors)}`],
  ]
  if (origins)
    rows.push([
      'second origin',
      `${origins.segmentsCompared} segments, ${origins.playlistsCompared} playlists, ${origins.bytesCompared} bytes compared: ${origins.differences.length} differences`,
    ])
  if (sound) {
    rows.push([
      'silence',
      `${sound.silences.length} spans, ${ms(sound.silences.reduce((sum, span) => sum + span.ms, 0))}`,
    ])
    rows.push(['loudness', `${sound.integratedLufs ?? '-'} LUFS, true peak ${sound.truePeakDbtp ?? '-'} dBTP`])
    rows.push(['decoder', `${sound.decodeErrors.length} complaints, ${sound.missingSamples} samples missing`])
  }
  for (const { sample, title, artist } of titles)
    rows.push([
      'title',
      `${new Date(msOfSample(sample)).toISOString().slice(11, 23)} ${artist ? `${artist} – ` : ''}${title}`,
    ])
  const width = Math.max(...rows.map(([name]) => name.length))
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
  const verdict =
    failures.length === 0
      ? ['all that must be zero is zero']
      : ['NOT ZERO:', ...failures.map((failure) => `- ${failure}`)]
  return [...table, '', ...verdict].join('\n')
}

const ms = (value: number): string => `${Math.round(value)} ms`
const listed = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} × ${count}`)
    .join(', ') || 'none'
