import Type, { type Static } from 'typebox'
import { IngestBriefing } from './live.ts'
import { StationInfo } from './markers.ts'

/** How nodes make themselves known to the control center, and what they are told. */

export const NodeRole = Type.Union([
  Type.Literal('slicer'),
  Type.Literal('edge'),
  Type.Literal('ingest'),
  Type.Literal('archive'),
])
export type NodeRole = Static<typeof NodeRole>

export const NodeId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })
const Port = Type.Integer({ minimum: 1, maximum: 65535 })

/** Where an ingest node takes senders; null where it does not. Host names are the node's address, or the station's public host. */
export const WaysIn = Type.Object({
  /** rtmp://address:port/live/<key> */
  rtmp: Type.Union([Port, Type.Null()]),
  rtmps: Type.Union([Port, Type.Null()]),
  /** Icecast source protocol, any mount. */
  icecast: Type.Union([Port, Type.Null()]),
  /** WebSocket of the studio page: ws(s)://address:port/studio */
  studio: Type.Union([Port, Type.Null()]),
  /** The studio's WebSocket and RTMPS have a certificate. */
  secure: Type.Boolean(),
})
export type WaysIn = Static<typeof WaysIn>

/** `POST /api/nodes/register`. Repeating it is harmless: the answer is a new credential for the same node. */
export const NodeRegistration = Type.Object({
  joinToken: Type.String({ minLength: 16 }),
  id: NodeId,
  role: NodeRole,
  /** Host name or address at which playout, peers and the edge reach the node. It comes to stand in nginx's configuration. */
  address: Type.String({ maxLength: 253, pattern: '^[A-Za-z0-9._:-]+$' }),
  httpPort: Port,
  /** Slicers: where the push goes to, as rtmp://address:rtmpPort/application/<rendition>. */
  rtmpPort: Type.Optional(Port),
  application: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })),
  stream: Type.Optional(Type.String()),
  /** Ingest nodes: where senders come in. */
  waysIn: Type.Optional(WaysIn),
  softwareVersion: Type.String(),
  packagingVersions: Type.Array(Type.Integer()),
  /** The highest generation that the node remembers for itself; 0 on its first boot. */
  generation: Type.Integer({ minimum: 0 }),
})
export type NodeRegistration = Static<typeof NodeRegistration>

/** A node that hands out frames over HTTP, and how to know a caller of ours. */
export const Peer = Type.Object({
  id: NodeId,
  role: NodeRole,
  /** http://address:port, no trailing slash. */
  url: Type.String(),
  /** SHA-256 (hex) of the credential that the peer shows as `Authorization: Bearer` when it asks us. */
  credentialSha256: Type.String(),
})
export type Peer = Static<typeof Peer>

/** What an archive keeps, and for how long. */
export const ArchiveBriefing = Type.Object({
  /** Of the air itself. */
  days: Type.Number({ minimum: 0 }),
  /** Of recordings; null is for ever. */
  recordingDays: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  /** Below this much free disk it records no more, and says so. */
  minFreeBytes: Type.Number({ minimum: 0 }),
  /** Each live session becomes a recording by itself. */
  automatic: Type.Boolean(),
  /** Hex HMAC-SHA256 of `airtight archive` under the archive's credential is what the control center shows it. */
  publicUrl: Type.String(),
})
export type ArchiveBriefing = Static<typeof ArchiveBriefing>

/** What a node is told, at registration and in answer to each heartbeat. Kept on the node's disk. */
export const NodeBriefing = Type.Object({
  station: StationInfo,
  /** Playout's control address: backfill comes from here first. */
  playoutUrl: Type.String(),
  /** Every registered node but the caller. */
  peers: Type.Array(Peer),
  /** Ids of the slicers that listeners may be sent to, in a stable order. */
  serving: Type.Array(NodeId),
  heartbeatMs: Type.Integer({ minimum: 100 }),
  /** For ingest nodes alone: it holds secrets. */
  ingest: Type.Optional(IngestBriefing),
  /** For archives alone. */
  archive: Type.Optional(ArchiveBriefing),
  /** For edges: listening needs a signed address (`platform/credentials.ts`), made under this secret. */
  playbackSecret: Type.Optional(Type.String()),
})
export type NodeBriefing = Static<typeof NodeBriefing>

export const NodeRegistered = Type.Object({
  id: NodeId,
  generation: Type.Integer({ minimum: 1 }),
  /** The node's secret, shown to the control center, playout and peers as `Authorization: Bearer <id>.<credential>`. */
  credential: Type.String(),
  briefing: NodeBriefing,
})
export type NodeRegistered = Static<typeof NodeRegistered>

/** `POST /api/nodes/:id/heartbeat`, with the node's credential. 401 means: register again. */
export const Heartbeat = Type.Object({
  generation: Type.Integer({ minimum: 0 }),
  /** The node's own opinion, with its reason in a sentence. */
  ready: Type.Boolean(),
  reason: Type.String(),
  newestSegment: Type.Record(Type.String(), Type.Integer()),
  newestFrame: Type.Record(Type.String(), Type.Integer()),
  /** Since the newest segment was listed, per rendition. */
  newestSegmentAgeMs: Type.Record(Type.String(), Type.Number()),
  framesMissing: Type.Integer({ minimum: 0 }),
  pushConnected: Type.Boolean(),
  memoryBytes: Type.Number(),
  diskFreeBytes: Type.Number(),
  softwareVersion: Type.String(),
  /** Edges: listeners now, and slicers that the edge has taken out by itself, with the reason. */
  listeners: Type.Optional(Type.Integer()),
  takenOut: Type.Optional(Type.Array(Type.Object({ id: NodeId, reason: Type.String() }))),
})
export type Heartbeat = Static<typeof Heartbeat>

/** A node as the control center shows it. */
export const NodeView = Type.Object({
  id: NodeId,
  role: NodeRole,
  address: Type.String(),
  httpPort: Port,
  rtmpPort: Type.Optional(Port),
  waysIn: Type.Optional(WaysIn),
  generation: Type.Integer(),
  state: Type.Union([Type.Literal('joining'), Type.Literal('serving'), Type.Literal('silent'), Type.Literal('left')]),
  reason: Type.String(),
  softwareVersion: Type.String(),
  lastHeartbeatAgeMs: Type.Union([Type.Number(), Type.Null()]),
  heartbeat: Type.Union([Heartbeat, Type.Null()]),
})
export type NodeView = Static<typeof NodeView>
