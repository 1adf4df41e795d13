import Type, { type Static } from 'typebox'

/**
 * Live: what an ingest node tells playout of the senders that it hears, and what playout tells everyone of the sessions that it makes of
 * them. A *feed* is one key's decoded audio at one ingest node; a *session* is an anchor's turn, which outlives connections and restarts.
 */

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** The ways in. */
export const LiveSourceKind = Type.Union([
  Type.Literal('rtmp'),
  Type.Literal('icecast'),
  Type.Literal('browser'),
  Type.Literal('srt'),
  Type.Literal('relay'),
])
export type LiveSourceKind = Static<typeof LiveSourceKind>

/** Half-open span of the timeline's milliseconds. */
export const LiveWindow = Type.Object({ fromMs: Type.Number(), untilMs: Type.Number() })
export type LiveWindow = Static<typeof LiveWindow>

/** What one push key, or one relay, may do. Made by the control center; ingest and playout keep it on disk. A revoked key is not in the list. */
export const LiveGrant = Type.Object({
  keyId: Id,
  /** Whose key it is: the same for all keys of one person. */
  anchorId: Id,
  /** As listeners and colleagues read it. */
  name: Type.String(),
  kind: Type.Union([Type.Literal('anchor'), Type.Literal('relay')]),
  /** SHA-256 (hex) of the push key; null for a relay. */
  keySha256: orNull(Sha256),
  /** Under which signed push addresses of this key are made: hex HMAC-SHA256 of `airtight push <keyId> <expires>`; null for a relay. */
  signingKey: orNull(Type.String()),
  /** `automatic`: on air as soon as it is ready and nobody else is. */
  goLive: Type.Union([Type.Literal('manual'), Type.Literal('automatic')]),
  /** When it may be heard, at least a day ahead; null is always. */
  windows: orNull(Type.Array(LiveWindow)),
  /** A relay ends with its window; an anchor may finish. */
  endsWithWindow: Type.Boolean(),
  /** SRT: a port of the key's own at every ingest node. */
  srt: orNull(Type.Object({ port: Type.Integer({ minimum: 1, maximum: 65535 }), passphrase: Type.String() })),
  /** The address that a relay pulls from: http(s), rtmp(s), rtsp; HLS by its playlist. */
  relayUrl: orNull(Type.String()),
})
export type LiveGrant = Static<typeof LiveGrant>

/** The `live` part of the station file, times in milliseconds: what ingest and playout work by. */
export const LiveSettings = Type.Object({
  /** Decoded audio in hand before a session goes on air, and kept in hand while it is. */
  bufferMs: Type.Number(),
  /** The same for a relay, which comes in pieces. */
  relayBufferMs: Type.Number(),
  crossfadeMs: Type.Number(),
  /** A lost sender that comes back within this time goes on by itself. */
  graceMs: Type.Number(),
  silenceDbfs: Type.Number(),
  silenceMs: Type.Number(),
  soundAgainMs: Type.Number(),
  /** By how much the programme is ducked under a voice, a negative number of dB. */
  duckDb: Type.Number(),
  duckDownMs: Type.Number(),
  duckUpMs: Type.Number(),
  /** Live audio is brought gently to this loudness; null leaves it as it is. */
  levelLufs: orNull(Type.Number()),
})
export type LiveSettings = Static<typeof LiveSettings>

/** An ingest node as playout reaches it. */
export const IngestPeer = Type.Object({
  id: Id,
  /** http://address:port, no trailing slash. */
  url: Type.String(),
  /** Shown to the node as `Authorization: Bearer`: hex HMAC-SHA256 of `airtight ingest` under the node's credential. */
  readKey: Type.String(),
})
export type IngestPeer = Static<typeof IngestPeer>

/** `PUT /live/plan` on playout: the whole of it, level-triggered. Kept on playout's disk. */
export const LivePlan = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  settings: LiveSettings,
  grants: Type.Array(LiveGrant),
  ingests: Type.Array(IngestPeer),
  /** A file that is played while a `hold` lasts; null: the bed. */
  holdFile: orNull(Type.String()),
})
export type LivePlan = Static<typeof LivePlan>

/** The part of a node's briefing that is for ingest nodes. */
export const IngestBriefing = Type.Object({ settings: LiveSettings, grants: Type.Array(LiveGrant) })
export type IngestBriefing = Static<typeof IngestBriefing>

/** One sender as an ingest node hears it. Offsets count 48 kHz stereo sample pairs from the beginning of the run. */
export const Feed = Type.Object({
  keyId: Id,
  /** Another one whenever offsets begin anew: after a restart of the node, or after the feed was forgotten. */
  run: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  source: LiveSourceKind,
  /**
   * `connected`: the sender is there. `lost`: it is gone without a goodbye, or sends nothing. `ended`: it said goodbye, and what it sent
   * before is all decoded.
   */
  state: Type.Union([Type.Literal('connected'), Type.Literal('lost'), Type.Literal('ended')]),
  /** Why, in a sentence. */
  reason: Type.String(),
  stateForMs: Type.Number(),
  /** Connections of this run, the present one included. */
  connection: Type.Integer({ minimum: 1 }),
  /** First sample of the present (or last) connection. */
  connectionFromSample: Type.Integer({ minimum: 0 }),
  /** First sample still held. */
  oldestSample: Type.Integer({ minimum: 0 }),
  /** First sample not yet decoded. */
  newestSample: Type.Integer({ minimum: 0 }),
  /** Since the last byte of media from the sender. */
  heardAgoMs: Type.Number(),
  /** Audio comes in pieces of about so long; 0, or left out, when it flows. */
  pieceMs: Type.Optional(Type.Number()),
  /** Of the newest 100 ms: RMS and peak, dB below full scale, at least -120. */
  levelDbfs: Type.Number(),
  peakDbfs: Type.Number(),
  /** For how long it has been below, or not below, the station's level of silence: one of the two is 0. */
  silentForMs: Type.Number(),
  soundForMs: Type.Number(),
  /** What the sender says is playing. */
  title: Type.String(),
  /** What it sends, for a person: `AAC-LC, 44.1 kHz, mono`. */
  format: Type.String(),
  /** What is odd about it, in sentences; the sound goes on. */
  problems: Type.Array(Type.String()),
  remoteAddress: Type.String(),
})
export type Feed = Static<typeof Feed>

/** One line of `GET /feeds/events` (application/x-ndjson) of an ingest node: at each change, and ten times a second while there are feeds. */
export const FeedsLine = Type.Object({ node: Id, feeds: Type.Array(Feed) })
export type FeedsLine = Static<typeof FeedsLine>

export const SessionState = Type.Union([
  Type.Literal('connected'),
  Type.Literal('buffering'),
  Type.Literal('ready'),
  Type.Literal('on-air'),
  Type.Literal('draining'),
  Type.Literal('ended'),
])
export type SessionState = Static<typeof SessionState>

/** When to go live: `now`, when the item on air ends, at an instant of the timeline, or as soon as the session is ready. */
export const GoLiveWhen = Type.Union([
  Type.Object({ when: Type.Literal('now') }),
  Type.Object({ when: Type.Literal('item-end') }),
  Type.Object({ when: Type.Literal('at'), atMs: Type.Number() }),
  Type.Object({ when: Type.Literal('ready') }),
])
export type GoLiveWhen = Static<typeof GoLiveWhen>

/** An anchor's turn. Instants are milliseconds of the timeline, as listeners' players see them. */
export const LiveSession = Type.Object({
  /** Fences everything that is done for it: unique for ever. */
  id: Id,
  keyId: Id,
  anchorId: Id,
  anchorName: Type.String(),
  kind: Type.Union([Type.Literal('anchor'), Type.Literal('relay')]),
  source: LiveSourceKind,
  ingest: Id,
  title: Type.String(),
  state: SessionState,
  /** Why it is in this state, in a sentence for the anchor. */
  reason: Type.String(),
  stateSinceMs: Type.Number(),
  /** Of the first sample that listeners hear of it, and of the last; null before. What the engine has mixed, never what was clicked. */
  onAirFromMs: orNull(Type.Number()),
  onAirUntilMs: orNull(Type.Number()),
  onAirFromSample: orNull(Type.Integer()),
  onAirUntilSample: orNull(Type.Integer()),
  /** On air, but listeners hear the programme meanwhile: the sender is lost, or silent. */
  covered: orNull(
    Type.Object({ because: Type.Union([Type.Literal('lost'), Type.Literal('silence')]), sinceMs: Type.Number() }),
  ),
  /** What was asked for and is not done yet. */
  pending: orNull(
    Type.Object({
      action: Type.Union([Type.Literal('go-live'), Type.Literal('hand-over')]),
      when: Type.Union([Type.Literal('now'), Type.Literal('item-end'), Type.Literal('at'), Type.Literal('ready')]),
      atMs: orNull(Type.Number()),
    }),
  ),
  /** The programme goes on, ducked, under the voice. */
  talkOver: Type.Boolean(),
  sender: Type.Object({
    connected: Type.Boolean(),
    /** Audio in hand at playout (on air), or at the ingest node since the connection began, at most the buffer. */
    depthMs: Type.Number(),
    levelDbfs: Type.Number(),
    peakDbfs: Type.Number(),
    heardAgoMs: Type.Number(),
    format: Type.String(),
    /** The sender's clock against the station's, as resampled away; 0 before it is on air. */
    driftPpm: Type.Number(),
    losses: Type.Integer(),
    problems: Type.Array(Type.String()),
  }),
  /** What happened, for the anchor, newest last: at most 20. */
  notes: Type.Array(Type.Object({ atMs: Type.Number(), text: Type.String() })),
})
export type LiveSession = Static<typeof LiveSession>

/** One change of who is heard, as the engine mixed it. */
export const Handoff = Type.Object({
  kind: Type.Union([
    Type.Literal('into-live'),
    Type.Literal('out-of-live'),
    Type.Literal('lost'),
    Type.Literal('silence'),
    Type.Literal('back'),
    Type.Literal('hand-over'),
  ]),
  sessionId: Id,
  atSample: Type.Integer(),
  atMs: Type.Number(),
  /** Samples in which neither side gave audio, and in which both did, as milliseconds. */
  gapMs: Type.Number(),
  overlapMs: Type.Number(),
  /** From the command's arrival to the first frame in which the new side stands alone; null where nobody commanded. */
  clickToAirMs: orNull(Type.Number()),
})
export type Handoff = Static<typeof Handoff>

const Quantiles = Type.Object({ p50: Type.Number(), p99: Type.Number(), worst: Type.Number() })
export const HandoffFigures = Type.Object({
  count: Type.Integer(),
  gapMs: Quantiles,
  overlapMs: Quantiles,
  clickToAirMs: Quantiles,
})
export type HandoffFigures = Static<typeof HandoffFigures>

/** `GET /live`, and each `live` event of `GET /live/events` (server-sent): the whole truth, at each change. */
export const LiveStatus = Type.Object({
  /** Rises with every change. */
  revision: Type.Integer(),
  generation: Type.Integer(),
  nowMs: Type.Number(),
  planVersion: Type.Integer(),
  /** The session that has the air, covered or not. */
  onAirSessionId: orNull(Id),
  /** A bed is kept on air until the next session. */
  hold: Type.Boolean(),
  /** Living ones, then those that ended within a day, newest first; at most 100. */
  sessions: Type.Array(LiveSession),
  handoffs: Type.Array(Handoff),
  figures: HandoffFigures,
  ingests: Type.Array(Type.Object({ id: Id, connected: Type.Boolean(), reason: Type.String() })),
})
export type LiveStatus = Static<typeof LiveStatus>

/** Bodies of `POST /live/sessions/<id>/<action>` on playout and of the same below `/api` on the control center. */
export const GoLiveOrder = GoLiveWhen
export const HandOverOrder = Type.Object({ to: Id })
export const TalkOverOrder = Type.Object({ on: Type.Boolean() })
export const HoldOrder = Type.Object({ on: Type.Boolean() })
export const KickOrder = Type.Object({
  reason: Type.String({ maxLength: 200, default: 'The station ended the connection.' }),
  /** For so long the key is refused. */
  refuseMs: Type.Integer({ minimum: 0, maximum: 86_400_000, default: 30_000 }),
})
/** What every order answers: the session as it now is. */
export const OrderAnswer = Type.Object({ session: LiveSession })
