import { adtsOfUnits } from '../../../media/adts.ts'
import { contentTypes } from '../../../media/content-types.ts'
import { flvFrame, flvStart, flvTitle } from '../../../media/flv.ts'
import type { NumberedFrame } from '../../../media/frame-bundle.ts'
import { createIcyInterleaver, ICY_METAINT } from '../../../media/icy.ts'
import { FRAMES_PER_SEGMENT, LISTING_DELAY_FRAMES } from '../../../media/timeline.ts'
import type { RenditionInfo, Title } from '../../../schemas/markers.ts'

/** One listener's way of hearing the row of frames. */
export type StreamFormat = {
  headers: Record<string, string>
  /** How far behind the newest frame it runs. Titles are known once their segment is sealed: behind that, they come at their frames. */
  delayFrames: number
  /** How much a listener gets at once, so that the player can begin. */
  burstFrames: number
  start(firstFrame: number): Buffer
  /** Consecutive frames, none of them twice; `title` from the first of them on, null as long as it stays the same. */
  frames(frames: readonly NumberedFrame[], title: Title | null): Buffer
}

const BURST_FRAMES = FRAMES_PER_SEGMENT
/** HTTP-FLV is for those who want it soon: about 2 s behind. Its titles come when they are known, at most a segment late. */
const FLV_BURST_FRAMES = FRAMES_PER_SEGMENT / 2

/** Endless HTTP AAC, with ICY titles for those who ask for them. */
export function endlessAac(station: string, rendition: RenditionInfo, wantsTitles: boolean): StreamFormat {
  const icy = wantsTitles ? createIcyInterleaver(ICY_METAINT) : null
  return {
    headers: {
      'content-type': contentTypes.aac,
      'icy-name': headerText(station),
      'icy-br': String(rendition.bitrateKbps),
      'icy-pub': '0',
      'ice-audio-info': `bitrate=${rendition.bitrateKbps};samplerate=48000;channels=${rendition.channels}`,
      ...(icy ? { 'icy-metaint': String(ICY_METAINT) } : {}),
    },
    delayFrames: FRAMES_PER_SEGMENT + LISTING_DELAY_FRAMES,
    burstFrames: BURST_FRAMES,
    start: () => Buffer.alloc(0),
    frames(frames, title) {
      const audio = adtsOfUnits(
        frames.map(({ unit }) => unit),
        rendition.channels,
      )
      if (icy === null) return audio
      if (title !== null) icy.setTitle(title)
      return icy.push(audio)
    },
  }
}

/** HTTP-FLV: the listener's clock begins at the first frame. */
export function httpFlv(rendition: RenditionInfo): StreamFormat {
  let base = 0
  return {
    headers: { 'content-type': contentTypes.flv },
    delayFrames: 0,
    burstFrames: FLV_BURST_FRAMES,
    start(firstFrame) {
      base = firstFrame
      return flvStart(rendition)
    },
    frames(frames, title) {
      const first = frames[0]!.frame
      const announced = title === null ? [] : [flvTitle({ ...title, frame: Math.max(title.frame, first) }, base)]
      return Buffer.concat([...announced, ...frames.map(({ frame, unit }) => flvFrame(unit, frame, base))])
    },
  }
}

/** Header values are Latin-1 in Node, and ICY players expect UTF-8: its bytes, as Latin-1 characters, without controls. */
function headerText(text: string): string {
  return Buffer.from(text.replace(/\p{Cc}/gu, ' '), 'utf8').toString('latin1')
}
