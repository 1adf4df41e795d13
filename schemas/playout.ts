import Type, { type Static } from 'typebox'
import { Peer } from './nodes.ts'
import { AsRunEntry, ItemKind, Rung } from './rundown.ts'

/** Playout's own API: what the control center tells it, and what it answers. All but the frames need the control token. */

export const PushTarget = Type.Object({
  /** The node's id; for a foreign RTMP server, a name. */
  id: Type.String(),
  /** rtmp://host:port/application; the stream is `<rendition>?key=<pushKey>` for nodes. */
  url: Type.String(),
  /** Null for a foreign server: it gets no markers. */
  pushKey: Type.Union([Type.String(), Type.Null()]),
  renditions: Type.Array(Type.String(), { minItems: 1 }),
  /** A foreign server's stream name or key; without it the rendition's id. A secret: never shown, never logged. */
  streamName: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  /** Of the node: the push to a lower one is refused by the node. */
  generation: Type.Integer({ minimum: 0 }),
})
export type PushTarget = Static<typeof PushTarget>

/** `PUT /targets`: the whole list, level-triggered. Kept on playout's disk. */
export const PushTargets = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  targets: Type.Array(PushTarget),
  /** Who may fetch frames. */
  peers: Type.Array(Peer),
})
export type PushTargets = Static<typeof PushTargets>

export const TargetStatus = Type.Object({
  id: Type.String(),
  rendition: Type.String(),
  state: Type.Union([Type.Literal('connecting'), Type.Literal('publishing'), Type.Literal('waiting')]),
  reason: Type.String(),
  queuedBytes: Type.Integer(),
  framesSent: Type.Integer(),
  framesDropped: Type.Integer(),
})
export type TargetStatus = Static<typeof TargetStatus>

/** What sounds, or is about to: an item as playout has placed it. */
export const PlacedItem = Type.Object({
  itemId: Type.String(),
  kind: ItemKind,
  rung: Rung,
  title: Type.String(),
  artist: Type.String(),
  show: Type.Optional(Type.String()),
  startSample: Type.Integer(),
  endSample: Type.Integer(),
})
export type PlacedItem = Static<typeof PlacedItem>

/** `GET /status`. */
export const PlayoutStatus = Type.Object({
  stationId: Type.String(),
  generation: Type.Integer(),
  /** The anchored clock: the control center plans by it. */
  nowMs: Type.Number(),
  clock: Type.Object({
    /** Wall clock less anchored clock. */
    wallOffsetMs: Type.Number(),
    alarm: Type.Union([Type.String(), Type.Null()]),
  }),
  newestFrame: Type.Record(Type.String(), Type.Integer()),
  firstAvailableFrame: Type.Integer(),
  /** How far the mixer is behind the clock; below 100 ms but for the seconds after a restart. */
  lateMs: Type.Number(),
  rung: Rung,
  onAir: Type.Union([PlacedItem, Type.Null()]),
  /** While somebody is live: what would follow, if the turn ended now. It is not placed, and begins when the turn ends, whenever that is. */
  next: Type.Union([PlacedItem, Type.Null()]),
  /** All that is placed after what is on air, in order: `next`, and with short items more; nothing while the end of what is on air is open. A new plan must keep it. */
  upcoming: Type.Optional(Type.Array(PlacedItem)),
  rundownVersion: Type.Integer(),
  rundownUntilMs: Type.Number(),
  targetsVersion: Type.Integer(),
  /** Of the live plan; 0 before there is one. */
  livePlanVersion: Type.Optional(Type.Integer()),
  targets: Type.Array(TargetStatus),
  counters: Type.Object({
    encoderRestarts: Type.Integer(),
    stepsDown: Type.Record(Type.String(), Type.Integer()),
    framesLost: Type.Integer(),
  }),
  alarms: Type.Array(Type.String()),
})
export type PlayoutStatus = Static<typeof PlayoutStatus>

/** `GET /as-run?since=<sample>` (entries that ended after it, the one on air last) or `?day=YYYY-MM-DD` in the station's zone. */
export const AsRunAnswer = Type.Object({ entries: Type.Array(AsRunEntry) })
export type AsRunAnswer = Static<typeof AsRunAnswer>

/** `GET /frames/newest`, on playout and on slicers. */
export const NewestFrames = Type.Object({
  generation: Type.Integer(),
  newestFrame: Type.Record(Type.String(), Type.Integer()),
  firstAvailableFrame: Type.Integer(),
})
export type NewestFrames = Static<typeof NewestFrames>
