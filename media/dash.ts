import type { RenditionInfo, StationInfo } from '../schemas/markers.ts'
import { cmafBitrateOf } from './bitrate.ts'
import { SAMPLE_RATE, SEGMENT_SAMPLES, SEGMENT_SECONDS } from './timeline.ts'
import { printable } from './utf8.ts'

/** Where a player asks for the time, on whatever host it got the manifest from: the body is an ISO 8601 instant in UTC. */
export const TIME_PATH = '/time'

const START = '1970-01-01T00:00:04Z'

/**
 * A DASH manifest (ISO/IEC 23009-1) that never changes: `$Number$` is k itself and the period began with the epoch, so a player computes the
 * newest segment from the clock alone. The start lies four seconds after the epoch, so that a segment is asked for no earlier than four
 * seconds after its end: some players stop for good at their first 404, and a restart of playout makes segments two seconds late. It belongs at /dash/<station>/manifest.mpd, beside /hls/<station>/….
 */
export function dashManifest(station: StationInfo): string {
  const window = (station.windowSegments * SEGMENT_SECONDS).toFixed(3)
  const delay = (3 * SEGMENT_SECONDS).toFixed(3)
  const duration = SEGMENT_SECONDS.toFixed(3)
  return `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" profiles="urn:mpeg:dash:profile:isoff-live:2011" availabilityStartTime="${START}" publishTime="${START}" minBufferTime="PT${duration}S" maxSegmentDuration="PT${duration}S" timeShiftBufferDepth="PT${window}S" suggestedPresentationDelay="PT${delay}S">
  <ProgramInformation><Title>${escapeXml(station.name)}</Title></ProgramInformation>
  <Period id="air" start="PT0S">
    <AdaptationSet id="1" contentType="audio" mimeType="audio/mp4" codecs="mp4a.40.2" segmentAlignment="true" startWithSAP="1" audioSamplingRate="${SAMPLE_RATE}">
      <InbandEventStream schemeIdUri="https://aomedia.org/emsg/ID3"/>
      <SegmentTemplate timescale="${SAMPLE_RATE}" duration="${SEGMENT_SAMPLES}" startNumber="0" initialization="../../hls/${station.id}/$RepresentationID$/init.mp4" media="../../hls/${station.id}/$RepresentationID$/$Number$.m4s"/>
${station.renditions.map(representation).join('\n')}
    </AdaptationSet>
  </Period>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="${TIME_PATH}"/>
</MPD>
`
}

function representation(rendition: RenditionInfo): string {
  const bandwidth = cmafBitrateOf(rendition).peakBitsPerSecond
  return `      <Representation id="${rendition.id}" bandwidth="${bandwidth}"><AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="${rendition.channels}"/></Representation>`
}

function escapeXml(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
