import type { IncomingMessage, ServerResponse } from 'node:http'
import { etagOf } from '../../../media/etag.ts'
import { check } from '../../../schemas/check.ts'
import type { NodeBriefing } from '../../../schemas/nodes.ts'
import { RecordingFile } from '../../../schemas/recordings.ts'
import { sendNotFound, sendPackaged, sendUnavailable } from '../../shared/http/answers.ts'
import type { RecordingStore } from '../recordings/recording-store.ts'
import { ENCLOSURE_TYPE, PODCAST_TYPE, podcastFeed } from './podcast.ts'
import type { AudioTypes, createRecordingFiles } from './recording-files.ts'

const TYPES: AudioTypes = { m4a: ENCLOSURE_TYPE, mp3: 'audio/mpeg' }
const FILE = /^\/podcast\/([a-z0-9-]{1,80})(?:\.(m4a|mp3)|\/([a-z0-9.]{1,32}))$/

/** `/podcast.xml`, `/podcast/<id>.m4a|.mp3` and `/podcast/<id>/index.m3u8`: of published recordings, for everyone. */
export function createPodcastRoutes(
  store: RecordingStore,
  files: ReturnType<typeof createRecordingFiles>,
  briefing: () => NodeBriefing | null,
) {
  return async function answer(url: URL, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (url.pathname === '/podcast.xml') {
      sendFeed(request, response)
      return true
    }
    const match = FILE.exec(url.pathname)
    if (!match) return false
    const [, id, kind, other] = match
    const recording = store.get(id!)
    const file = kind === undefined ? other! : `audio.${kind}`
    if (!recording?.published || !check(RecordingFile, file).ok)
      sendNotFound(response, 'nothing of this name is published')
    else await files(recording, file, TYPES, request, response)
    return true
  }

  function sendFeed(request: IncomingMessage, response: ServerResponse) {
    const told = briefing()
    if (!told?.archive) return sendUnavailable(response, 'nothing is known of the station yet')
    const text = podcastFeed(told.station, told.archive.publicUrl.replace(/\/+$/, ''), store.all())
    const body = Buffer.from(text, 'utf8')
    sendPackaged(request, response, { body, etag: etagOf(body), contentType: PODCAST_TYPE, cacheControl: 'max-age=60' })
  }
}
