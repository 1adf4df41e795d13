import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Static, TSchema } from 'typebox'
import { contentTypes } from '../../../media/content-types.ts'
import { check } from '../../../schemas/check.ts'
import { RecordingChange, RecordingFile, RecordingOrder, type RecordingsAnswer } from '../../../schemas/recordings.ts'
import { sendJson, sendNotFound } from '../../shared/http/answers.ts'
import { limits } from '../limits.ts'
import { NotNow } from '../recordings/conversions.ts'
import { type Desk, Refused } from '../recordings/desk.ts'
import type { AudioTypes, createRecordingFiles } from './recording-files.ts'

const TYPES: AudioTypes = { m4a: contentTypes.cmaf, mp3: 'audio/mpeg' }

/** `/recordings…`: what the control center lists, orders and hands on. The caller has been proved. */
export function createRecordingsRoutes(desk: Desk, files: ReturnType<typeof createRecordingFiles>) {
  return async function answer(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await route(url, request, response)
    } catch (error) {
      if (error instanceof Refused) return say(response, error.status, error.message)
      if (error instanceof NotNow) return say(response, 503, error.message)
      throw error
    }
  }

  async function route(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [id, action, ...rest] = url.pathname.split('/').slice(2)
    const { method } = request
    if (id === undefined) {
      if (method === 'GET') return sendJson(response, 200, desk.list() satisfies RecordingsAnswer)
      if (method !== 'POST') return say(response, 405, 'only GET and POST')
      const order = fitting(RecordingOrder, await bodyOf(request))
      return sendJson(response, 200, { recording: desk.order(order) })
    }
    const recording = desk.recording(id)
    if (action === undefined && method === 'GET') return sendJson(response, 200, { recording: desk.shown(recording) })
    if (action === undefined && method === 'PATCH') {
      const change = fitting(RecordingChange, await bodyOf(request))
      return sendJson(response, 200, { recording: await desk.change(recording, change) })
    }
    if (action === undefined && method === 'DELETE') {
      desk.delete(recording)
      return sendJson(response, 200, { ok: true })
    }
    if (action === 'stop' && method === 'POST') return sendJson(response, 200, { recording: desk.stop(recording) })
    const isRead = method === 'GET' || method === 'HEAD'
    if (action !== undefined && rest.length === 0 && isRead && check(RecordingFile, action).ok)
      return files(recording, action, TYPES, request, response)
    sendNotFound(response, 'a recording has nothing of this name')
  }
}

const say = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, { error: status, message })

function fitting<S extends TSchema>(schema: S, input: unknown): Static<S> {
  const checked = check(schema, input)
  if (checked.ok) return checked.value
  const [problem] = checked.problems
  throw new Refused(400, `${problem?.path || 'The request'}: ${problem?.message ?? 'does not fit'}.`)
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > limits.bodyBytes) throw new Refused(413, 'The request is too large.')
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8') || '{}')
  } catch {
    throw new Refused(400, 'The request is not JSON.')
  }
}
