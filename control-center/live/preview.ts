import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../platform/clock.ts'
import type { LiveSession } from '../../schemas/live.ts'
import { urlOf } from '../nodes/node-lists.ts'
import type { NodeRecord } from '../nodes/node-record.ts'
import { Refusal } from '../refusal.ts'
import { openStream } from './byte-stream.ts'

const PREVIEWS_MAX = 8
const HEAD_MS_MAX = 3_000

export type Previews = ReturnType<typeof createPreviews>

/** Opens what an ingest node hears of a session, so many at once and no more. */
export function createPreviews(node: (id: string) => NodeRecord | null, clock: Clock) {
  let open = 0
  return {
    /** ADTS, for as long as the sender is there, or until the body is destroyed. Throws a Refusal. */
    async open({ ingest, keyId }: LiveSession): Promise<IncomingMessage> {
      const record = node(ingest)
      if (!record?.ingestKey)
        throw new Refusal('preview-impossible', `The ingest node ${ingest} of the session is not registered.`)
      if (open >= PREVIEWS_MAX)
        throw new Refusal('previews-too-many', `${open} previews are being listened to; ${PREVIEWS_MAX} is the limit.`)
      open += 1
      const abort = new AbortController()
      try {
        const { status, body } = await openStream({
          url: `${urlOf(record)}/feeds/${keyId}/preview.aac`,
          headers: { authorization: `Bearer ${record.ingestKey}` },
          headMsMax: HEAD_MS_MAX,
          clock,
          signal: abort.signal,
        })
        if (status !== 200) {
          body.destroy()
          throw new Error(`it answered ${status}`)
        }
        body.once('close', () => {
          open -= 1
        })
        return body
      } catch (error) {
        open -= 1
        throw new Refusal('preview-impossible', `${ingest} gives no preview: ${(error as Error).message}.`)
      }
    },
    count: () => open,
  }
}
