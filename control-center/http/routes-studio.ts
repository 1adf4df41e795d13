import { ROLES } from '../../schemas/accounts.ts'
import { PlaybackAnswer, PlaybackOrder, StudioEncoder, StudioTicket } from '../../schemas/api-live.ts'
import { ErrorAnswer } from '../../schemas/errors.ts'
import type { Caller } from '../accounts/caller.ts'
import type { KeyRecord } from '../accounts/key-records.ts'
import { playbackAddress } from '../live/playback-address.ts'
import { encoderWays, studioUrlsOf, ticketOf, waysInto } from '../live/ways.ts'
import { Refusal } from '../refusal.ts'
import { emptyBody } from './empty-body.ts'
import { SENDERS } from './live-access.ts'
import type { App } from './server.ts'
import type { World } from './world.ts'

/** Long enough for the longest show: a browser comes back with it when the control center is dead. */
const TICKET_SECONDS = 12 * 3_600
const ENCODER_SECONDS = 30 * 86_400

/** What anchors need to send, from the studio page or an encoder; and signed addresses to listen by. */
export function studioRoutes(app: App, world: World): void {
  const { accounts, live, registry, nowMs } = world
  const inSeconds = (seconds: number): number => Math.floor(nowMs() / 1000) + seconds
  const waysFor = (hostname: string) => {
    const ways = waysInto(registry.present(), live.publicHost(hostname))
    if (ways.length === 0) throw new Refusal('no-ingest', 'No ingest node is registered: nobody can be heard live.')
    return ways
  }
  /** A key that was given to the person, else one that is made for encoders: never the studio page's, which may be in use. */
  const encoderKeyOf = async (id: string): Promise<KeyRecord> => {
    const studio = await accounts.ensureStudioKey(id)
    const given = (): KeyRecord | undefined =>
      accounts.keys().find(({ anchorId, keyId }) => anchorId === id && keyId !== studio.keyId)
    if (!given()) await accounts.people.makeKey(id, { label: 'Encoder', goLive: 'manual', slots: null, srt: null })
    const key = given()
    if (!key) throw new Refusal('role-missing', 'This person may not go on air.')
    return key
  }

  app.post(
    '/api/studio/ticket',
    {
      config: { allow: SENDERS },
      schema: {
        tags: ['studio'],
        summary: 'What the studio page shows to an ingest node to be heard, and where',
        response: { 200: StudioTicket, 403: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async (request): Promise<StudioTicket> => {
      const ways = waysFor(request.hostname)
      const key = await accounts.ensureStudioKey(personOf(request.caller))
      const expires = inSeconds(TICKET_SECONDS)
      world.audit.write({ caller: request.caller, action: 'studio ticket', subject: key.keyId })
      return { ticket: ticketOf(key, expires), keyId: key.keyId, expiresMs: expires * 1000, urls: studioUrlsOf(ways) }
    },
  )

  app.get(
    '/api/studio/encoder',
    {
      config: { allow: SENDERS },
      schema: {
        tags: ['studio'],
        summary: 'What to set an encoder to: signed for 30 days',
        response: { 200: StudioEncoder, 403: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async (request): Promise<StudioEncoder> => {
      const ways = waysFor(request.hostname)
      const key = await encoderKeyOf(personOf(request.caller))
      return encoderWays(ways, key, inSeconds(ENCODER_SECONDS))
    },
  )

  app.post(
    '/api/playback-address',
    {
      config: { allow: ROLES },
      preValidation: emptyBody,
      schema: {
        tags: ['studio'],
        summary: 'An address to listen by, signed when the station wants that',
        body: PlaybackOrder,
        response: { 200: PlaybackAnswer },
      },
    },
    (request): PlaybackAnswer => {
      const address = playbackAddress({
        edgeUrl: live.edgeUrl(request.hostname),
        stationId: world.station().id,
        playbackKey: live.playbackKey(),
        expires: inSeconds(request.body.expiresInSeconds),
      })
      const detail = `for ${request.body.expiresInSeconds} s`
      world.audit.write({ caller: request.caller, action: 'sign playback address', subject: 'the stream', detail })
      return address
    },
  )
}

function personOf({ kind, id }: Caller): string {
  if (kind === 'person') return id
  throw new Refusal('role-missing', 'An API token is nobody who could be heard: sign in as a person.')
}
