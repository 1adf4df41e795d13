import Type, { type Static } from 'typebox'
import { Handoff, HandoffFigures, LiveStatus, LiveWindow } from './live.ts'
import { TargetStatus } from './playout.ts'

/** What the control center's API says about live: sessions, relays in and out, the studio, signed addresses. */

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const closed = { additionalProperties: false }
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })

const Freshness = Type.Object({
  /** Since playout said it. */
  ageMs: Type.Number(),
  /** Null while playout is heard; otherwise why not, in a sentence: the rest is then its last word. */
  problem: orNull(Type.String()),
})

/** `GET /api/live`, and each `live` event of `GET /api/live/events`. `nowMs` is of the moment of sending. */
export const LiveAnswer = Type.Intersect([LiveStatus, Freshness])
export type LiveAnswer = Static<typeof LiveAnswer>

/** `GET /api/live/handoffs`. */
export const HandoffsAnswer = Type.Intersect([
  Type.Object({ figures: HandoffFigures, handoffs: Type.Array(Handoff) }),
  Freshness,
])
export type HandoffsAnswer = Static<typeof HandoffsAnswer>

export const SessionParams = Type.Object({ id: Id })

/** A stream that is pulled in. */
export const RelayView = Type.Object({
  keyId: Id,
  name: Type.String(),
  url: Type.String(),
  /** When it goes on the air in the next two days. */
  windows: Type.Array(LiveWindow),
  /** What a person ordered last, while it is in force. */
  order: orNull(Type.Union([Type.Literal('start'), Type.Literal('stop')])),
  /** Its session at playout, if there is one that has not ended. */
  sessionId: orNull(Id),
})
export type RelayView = Static<typeof RelayView>
export const RelaysAnswer = Type.Object({ relays: Type.Array(RelayView) })
export type RelaysAnswer = Static<typeof RelaysAnswer>
export const RelayAnswer = Type.Object({ relay: RelayView })
export type RelayAnswer = Static<typeof RelayAnswer>
export const RelayParams = Type.Object({ keyId: Id })
/** `POST /api/relays/:keyId/start`: until an instant, or until it is stopped. */
export const RelayStart = Type.Object(
  { untilMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], { default: null }) },
  closed,
)

/** A stream name (key) of a foreign server, which is never shown again. */
const StreamName = Type.String({ minLength: 1, maxLength: 1024, pattern: '^[\\x21-\\x7e]+$' })
const OutUrl = Type.String({
  pattern: '^rtmps?://[^\\s/@]+/\\S+$',
  maxLength: 500,
  description: 'rtmp(s)://host[:port]/application, without the stream name',
  examples: ['rtmp://live.example.org/app'],
})
const OutShows = orNull(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 100 }))

/** `POST /api/relays-out`. */
export const RelayOutCreation = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' }),
    url: OutUrl,
    streamName: StreamName,
    /** The first of the station's when left out. */
    rendition: Type.Optional(Type.String()),
    enabled: Type.Boolean({ default: true }),
    /** Only while one of these shows is on the grid; null: always. */
    shows: Type.Union([...OutShows.anyOf], { default: null }),
  },
  closed,
)
export type RelayOutCreation = Static<typeof RelayOutCreation>
/** `PATCH /api/relays-out/:id`. */
export const RelayOutChange = Type.Object(
  {
    name: Type.Optional(RelayOutCreation.properties.name),
    url: Type.Optional(OutUrl),
    streamName: Type.Optional(StreamName),
    rendition: Type.Optional(Type.String()),
    enabled: Type.Optional(Type.Boolean()),
    shows: Type.Optional(OutShows),
  },
  { ...closed, minProperties: 1 },
)
export type RelayOutChange = Static<typeof RelayOutChange>
/** As it is kept: the stream name is a secret. */
export const RelayOut = Type.Object({
  id: Id,
  name: Type.String(),
  url: Type.String(),
  streamName: Type.String(),
  rendition: Type.String(),
  enabled: Type.Boolean(),
  shows: OutShows,
})
export type RelayOut = Static<typeof RelayOut>
export const RelayOutView = Type.Object({
  id: Id,
  name: Type.String(),
  url: Type.String(),
  /** `…` and its last two characters. */
  streamNameMasked: Type.String(),
  rendition: Type.String(),
  enabled: Type.Boolean(),
  shows: OutShows,
  /** `off`: not enabled, or none of its shows is on; `unknown`: playout is not heard, or has not been told yet. */
  state: Type.Union([TargetStatus.properties.state, Type.Literal('off'), Type.Literal('unknown')]),
  reason: Type.String(),
  framesSent: Type.Integer(),
  framesDropped: Type.Integer(),
  queuedBytes: Type.Integer(),
})
export type RelayOutView = Static<typeof RelayOutView>
export const RelaysOutAnswer = Type.Object({ relaysOut: Type.Array(RelayOutView) })
export type RelaysOutAnswer = Static<typeof RelaysOutAnswer>
export const RelayOutAnswer = Type.Object({ relayOut: RelayOutView })
export type RelayOutAnswer = Static<typeof RelayOutAnswer>
export const RelayOutParams = Type.Object({ id: Id })

/** `POST /api/studio/ticket`: what the studio page shows to an ingest node. */
export const StudioTicket = Type.Object({
  ticket: Type.String(),
  keyId: Id,
  expiresMs: Type.Number(),
  /** The studio socket of each ingest node, the best one first. */
  urls: Type.Array(Type.String()),
})
export type StudioTicket = Static<typeof StudioTicket>

const Expiring = { expiresMs: Type.Number() }
/** `GET /api/studio/encoder`: what to enter into OBS, BUTT and their like; an entry for each ingest node. */
export const StudioEncoder = Type.Object({
  keyId: Id,
  rtmp: Type.Array(Type.Object({ server: Type.String(), streamName: Type.String(), ...Expiring })),
  rtmps: Type.Array(Type.Object({ server: Type.String(), streamName: Type.String(), ...Expiring })),
  icecast: Type.Array(
    Type.Object({
      host: Type.String(),
      port: Type.Integer(),
      mount: Type.String(),
      user: Type.String(),
      password: Type.String(),
      ...Expiring,
    }),
  ),
  srt: Type.Array(Type.Object({ host: Type.String(), port: Type.Integer(), passphrase: Type.String() })),
})
export type StudioEncoder = Static<typeof StudioEncoder>

/** `POST /api/playback-address`. */
export const PlaybackOrder = Type.Object(
  { expiresInSeconds: Type.Integer({ minimum: 60, maximum: 31 * 86_400, default: 86_400 }) },
  closed,
)
export const PlaybackAnswer = Type.Object({
  url: Type.String(),
  /** Null: the station needs no signature, and the address holds for ever. */
  expiresMs: orNull(Type.Number()),
})
export type PlaybackAnswer = Static<typeof PlaybackAnswer>
