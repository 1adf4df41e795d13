import Type from 'typebox'
import type { Role } from '../../schemas/accounts.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import {
  RecordingAnswer,
  RecordingChange,
  RecordingFile,
  RecordingId,
  RecordingOrder,
  RecordingsAnswer,
  RecordingsView,
} from '../../schemas/recordings.ts'
import { type Caller, mayAs } from '../accounts/caller.ts'
import { createArchiveClient } from '../recordings/archive-client.ts'
import { Refusal } from '../refusal.ts'
import { Bytes } from './bytes-schema.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

const tags = ['recordings']
/** Anchors see and hear their own. */
const READERS: readonly Role[] = ['anchor', 'operator', 'programmer']
const SEES_ALL: readonly Role[] = ['operator', 'programmer']
const RECORDS: readonly Role[] = ['operator', 'programmer']
const PUBLISHES: readonly Role[] = ['programmer']

const Params = Type.Object({ id: RecordingId })
const FileParams = Type.Object({ id: RecordingId, file: RecordingFile })
const Deleted = Type.Object({ ok: Type.Literal(true) })
/** What of a browser's request concerns the archive, and of the archive's answer the browser. */
const ASKED_HEADERS = ['range', 'if-range', 'if-none-match'] as const
const ANSWERED_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'cache-control',
]

/** Recordings, as the archive has them, for those who may have them. */
export function recordingRoutes(app: App, { registry, live, audit, clock, station }: World): void {
  const archive = createArchiveClient(registry.present, clock)

  async function ownOrAll(caller: Caller, id: string): Promise<void> {
    if (mayAs(caller, SEES_ALL)) return
    const { recording } = await archive.ask({ method: 'GET', path: `/${id}` }, RecordingAnswer)
    if (recording.anchorId !== caller.id)
      throw new Refusal('recording-of-another', `${caller.name} is not the anchor of ${id}.`)
  }

  app.get(
    '/api/recordings',
    {
      config: { allow: READERS },
      schema: {
        ...{ tags, summary: 'Recordings, newest first: an anchor sees the own ones; and how the archive is' },
        response: { 200: RecordingsView, 503: ErrorAnswer },
      },
    },
    async ({ caller, hostname }): Promise<RecordingsView> => {
      const { recordings, archive: state } = await archive.ask({ method: 'GET', path: '' }, RecordingsAnswer)
      const seesAll = mayAs(caller, SEES_ALL)
      const { id, renditions } = station()
      const edge = live.edgeUrl(hostname)
      return {
        recordings: seesAll ? recordings : recordings.filter(({ anchorId }) => anchorId === caller.id),
        archive: state,
        catchupUrl: live.playbackKey() === null ? `${edge}/hls/${id}/${renditions[0]!.id}/catchup.m3u8` : null,
        podcastUrl: `${edge}/podcast.xml`,
        may: { record: mayAs(caller, RECORDS), publish: mayAs(caller, PUBLISHES) },
      }
    },
  )

  app.post(
    '/api/recordings',
    {
      config: { allow: RECORDS },
      schema: {
        ...{ tags, summary: 'Records from now or an instant on, until an instant or until it is stopped' },
        body: RecordingOrder,
        response: { 200: RecordingAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ caller, body }) => {
      const answer = await archive.ask({ method: 'POST', path: '', body }, RecordingAnswer)
      audit.write({ caller, action: 'record', subject: answer.recording.id, detail: answer.recording.title })
      return answer
    },
  )

  app.post(
    '/api/recordings/:id/stop',
    {
      config: { allow: RECORDS },
      schema: {
        ...{ tags, summary: 'Ends a recording at the present frame', params: Params },
        response: { 200: RecordingAnswer, 404: ErrorAnswer, 409: ErrorAnswer },
      },
    },
    async ({ caller, params }) => {
      const answer = await archive.ask({ method: 'POST', path: `/${params.id}/stop`, body: {} }, RecordingAnswer)
      audit.write({ caller, action: 'stop recording', subject: params.id })
      return answer
    },
  )

  app.patch(
    '/api/recordings/:id',
    {
      config: { allow: PUBLISHES },
      schema: {
        ...{ tags, summary: 'Renames a recording, publishes it in the podcast feed, or takes it back', params: Params },
        body: RecordingChange,
        response: { 200: RecordingAnswer, 404: ErrorAnswer, 409: ErrorAnswer },
      },
    },
    async ({ caller, params, body }) => {
      const answer = await archive.ask({ method: 'PATCH', path: `/${params.id}`, body }, RecordingAnswer)
      audit.write({ caller, action: 'change recording', subject: params.id, detail: JSON.stringify(body) })
      return answer
    },
  )

  app.delete(
    '/api/recordings/:id',
    {
      config: { allow: PUBLISHES },
      schema: {
        ...{ tags, summary: 'Deletes a recording with its sound, for good', params: Params },
        response: { 200: Deleted, 404: ErrorAnswer },
      },
    },
    async ({ caller, params }) => {
      const answer = await archive.ask({ method: 'DELETE', path: `/${params.id}` }, Deleted)
      audit.write({ caller, action: 'delete recording', subject: params.id })
      return answer
    },
  )

  app.get(
    '/api/recordings/:id/:file',
    {
      config: { allow: READERS },
      schema: {
        ...{ tags, summary: 'Its audio (m4a, mp3, with ranges), waveform, and HLS on demand', params: FileParams },
        produces: ['audio/mp4', 'audio/mpeg', 'image/svg+xml', 'application/vnd.apple.mpegurl'],
        response: {
          ...{ 200: Bytes, 206: Bytes, 304: Bytes, 416: Bytes },
          ...{ 404: ErrorAnswer, 409: ErrorAnswer, 503: ErrorAnswer },
        },
      },
    },
    async (request, reply) => {
      const { caller, params, method } = request
      await ownOrAll(caller, params.id)
      const headers = Object.fromEntries(
        ASKED_HEADERS.flatMap((name) => {
          const value = request.headers[name]
          return typeof value === 'string' ? [[name, value]] : []
        }),
      )
      const answer = await archive.open({ method, path: `/${params.id}/${params.file}`, headers })
      const status = answer.statusCode ?? 502
      if (status >= 400 && status !== 416) throw await archive.refused(answer)
      for (const name of ANSWERED_HEADERS) {
        const value = answer.headers[name]
        if (value !== undefined) reply.header(name, value)
      }
      // Whoever goes away must not leave the archive reading.
      reply.raw.once('close', () => answer.destroy())
      return reply.code(status as 200 | 206 | 304 | 416).send(answer)
    },
  )
}
