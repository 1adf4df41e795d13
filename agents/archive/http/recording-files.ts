import type { IncomingMessage, ServerResponse } from 'node:http'
import { cmafInit } from '../../../media/cmaf-init.ts'
import { contentTypes } from '../../../media/content-types.ts'
import { etagOf } from '../../../media/etag.ts'
import { firstFrameOfSegment } from '../../../media/timeline.ts'
import type { RenditionInfo, StationInfo } from '../../../schemas/markers.ts'
import { sendNotFound, sendPackaged, sendText, sendUnavailable } from '../../shared/http/answers.ts'
import { cmafWithin, playlistOf, segmentsOf } from '../recordings/content.ts'
import { type Conversions, NotNow } from '../recordings/conversions.ts'
import type { RecordingStore, StoredRecording } from '../recordings/recording-store.ts'
import { sendFile } from './send-file.ts'

/** What the file of a name is answered as. */
export type AudioTypes = { m4a: string; mp3: string }

/** Answers the files of a finished recording: audio to download, a picture, HLS on demand. */
export function createRecordingFiles(
  store: RecordingStore,
  conversions: Conversions,
  station: () => StationInfo | null,
) {
  return async function answer(
    recording: StoredRecording,
    file: string,
    types: AudioTypes,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (recording.state !== 'finished')
      return sendText(
        response,
        409,
        `${recording.state === 'recording' ? 'It is still being recorded.' : recording.reason}\n`,
      )
    try {
      if (file === 'audio.m4a' || file === 'audio.mp3') {
        const kind = file === 'audio.m4a' ? 'm4a' : 'mp3'
        const path = await conversions.audio(recording, kind)
        const headers = { 'content-type': types[kind], 'cache-control': 'no-cache', 'access-control-allow-origin': '*' }
        return await sendFile(request, response, path, headers)
      }
      if (file === 'waveform.svg')
        return send(request, response, Buffer.from(await conversions.waveform(recording)), 'image/svg+xml')
    } catch (error) {
      if (error instanceof NotNow) return sendUnavailable(response, error.message)
      throw error
    }
    answerHls(recording, file, request, response)
  }

  function answerHls(recording: StoredRecording, file: string, request: IncomingMessage, response: ServerResponse) {
    const rendition = station()?.renditions.find(({ id }) => id === recording.rendition)
    if (!rendition) return sendUnavailable(response, `the station has no rendition ${recording.rendition} any more`)
    const frames = { from: recording.fromFrame, until: recording.untilFrame! }
    if (file === 'index.m3u8') {
      const text = playlistOf(frames, 'init.mp4', (segment) => `${segment}.m4s`)
      return send(request, response, Buffer.from(text), contentTypes.playlist)
    }
    if (file === 'init.mp4') return send(request, response, cmafInit(rendition), contentTypes.cmaf)
    const segment = Number(/^(\d{1,15})\.m4s$/.exec(file)?.[1] ?? -1)
    const { first, last } = segmentsOf(frames)
    if (segment < first || segment > last) return sendNotFound(response, 'the recording has no such file')
    send(request, response, segmentBody(recording, segment, rendition), contentTypes.cmaf)
  }

  function segmentBody(
    { id, fromFrame, untilFrame }: StoredRecording,
    segment: number,
    rendition: RenditionInfo,
  ): Buffer {
    const frames = { from: Math.max(fromFrame, 0), until: Math.min(untilFrame!, firstFrameOfSegment(segment + 1)) }
    return cmafWithin(frames, segment, (wanted) => store.segments(id)?.read(wanted) ?? null, rendition.channels)
  }
}

function send(request: IncomingMessage, response: ServerResponse, body: Buffer, contentType: string): void {
  sendPackaged(request, response, { body, etag: etagOf(body), contentType, cacheControl: 'no-cache' })
}
