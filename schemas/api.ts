import Type, { type Static } from 'typebox'
import { RenditionInfo } from './markers.ts'
import { NodeId, NodeView } from './nodes.ts'
import { PlacedItem, TargetStatus } from './playout.ts'
import { AsRunEntry, ItemKind, Rung } from './rundown.ts'

/** What the control center's API answers to people and pages. Instants are milliseconds since the epoch by the station's clock. */

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** ISO 8601 with the station's offset, to the millisecond: `2026-03-29T03:00:00.000+02:00`. */
const LocalTime = Type.String({ examples: ['2026-03-29T03:00:00.000+02:00'] })

/** `GET /api/station`. */
export const StationAnswer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  timeZone: Type.String(),
  renditions: Type.Array(RenditionInfo),
  nowMs: Type.Number(),
  localTime: LocalTime,
  /** Paths on the edge and on slicers. */
  paths: Type.Object({ hls: Type.String(), dash: Type.String(), streams: Type.Array(Type.String()) }),
})
export type StationAnswer = Static<typeof StationAnswer>

export const PlannedItem = Type.Object({
  id: Type.String(),
  kind: ItemKind,
  title: Type.String(),
  artist: Type.String(),
  show: Type.Optional(Type.String()),
  startMs: Type.Number(),
  endMs: Type.Number(),
  localStart: LocalTime,
  startSample: Type.Integer(),
  lengthSamples: Type.Integer(),
  gainDb: Type.Number(),
  /** May not be moved by a re-plan: a fixed time, or a show's start. */
  anchored: Type.Boolean(),
  /** Why this plays now, in a sentence. */
  reason: Type.String(),
})
export type PlannedItem = Static<typeof PlannedItem>

/** `GET /api/rundown`. */
export const RundownAnswer = Type.Object({
  stationId: Type.String(),
  version: Type.Integer(),
  /** What playout holds; null when playout can't be seen. */
  versionAtPlayout: orNull(Type.Integer()),
  timeZone: Type.String(),
  madeAtMs: Type.Number(),
  fromMs: Type.Number(),
  untilMs: Type.Number(),
  items: Type.Array(PlannedItem),
  reserve: Type.Array(Type.Object({ title: Type.String(), artist: Type.String() })),
  warnings: Type.Array(Type.String()),
})
export type RundownAnswer = Static<typeof RundownAnswer>

export const DryRunQuery = Type.Object({
  days: Type.Integer({ minimum: 1, maximum: 14, default: 7, description: 'How many days from now' }),
})

/** `GET /api/rundown/dry-run`: what a plan of so many days would run into. */
export const DryRunAnswer = Type.Object({
  days: Type.Integer(),
  fromMs: Type.Number(),
  untilMs: Type.Number(),
  items: Type.Integer(),
  warnings: Type.Array(Type.String()),
  /** Per show and weekday: what the grid makes of it, clock changes included. */
  fixed: Type.Array(Type.Object({ localStart: LocalTime, title: Type.String(), reason: Type.String() })),
})
export type DryRunAnswer = Static<typeof DryRunAnswer>

export const AsRunQuery = Type.Object({
  day: Type.Optional(
    Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: "A day in the station's zone; today by default" }),
  ),
})

/** `GET /api/as-run`. */
export const AsRunDayAnswer = Type.Object({
  day: Type.String(),
  entries: Type.Array(Type.Intersect([AsRunEntry, Type.Object({ localStart: LocalTime })])),
  /** Null when the entries are playout's own and fresh; otherwise why they are not, in a sentence. */
  stale: orNull(Type.String()),
})
export type AsRunDayAnswer = Static<typeof AsRunDayAnswer>

export const NowPlayingQuery = Type.Object({
  at: Type.Optional(Type.Number({ minimum: 0, description: "The listener's position; the studio's time by default" })),
})

export const HeardItem = Type.Object({
  itemId: Type.String(),
  title: Type.String(),
  artist: Type.String(),
  kind: ItemKind,
  show: Type.Optional(Type.String()),
  startedAtMs: Type.Number(),
  endsAtMs: Type.Number(),
  /** `as-run`: it really played so; `plan`: it is meant to. */
  from: Type.Union([Type.Literal('as-run'), Type.Literal('plan')]),
})
export type HeardItem = Static<typeof HeardItem>

/** `GET /api/now-playing`. */
export const NowPlayingAnswer = Type.Object({
  atMs: Type.Number(),
  /** The studio's time. */
  nowMs: Type.Number(),
  /** Null when nothing is known about that instant. */
  now: orNull(HeardItem),
  /** The next item that a listener would call one: jingles and idents are passed over. After somebody who is live it begins when they end: no earlier than in a minute, so far as anyone knows. */
  next: orNull(HeardItem),
  /** Newest first, with their real starts. */
  recent: Type.Array(HeardItem),
})
export type NowPlayingAnswer = Static<typeof NowPlayingAnswer>

export const HistoryQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
})

/** `GET /api/history`: what played in the last 24 h, newest first, without jingles and idents. */
export const HistoryAnswer = Type.Object({ items: Type.Array(HeardItem), stale: orNull(Type.String()) })
export type HistoryAnswer = Static<typeof HistoryAnswer>

export const NodeParams = Type.Object({ id: NodeId })
export const NodesAnswer = Type.Object({ nodes: Type.Array(NodeView), serving: Type.Array(NodeId) })
export type NodesAnswer = Static<typeof NodesAnswer>
export const LeaveAnswer = Type.Object({ ok: Type.Literal(true) })

/** `GET /api/status`: everything that an operator wants on one screen. */
export const StatusAnswer = Type.Object({
  station: Type.Object({ id: Type.String(), name: Type.String(), timeZone: Type.String() }),
  nowMs: Type.Number(),
  localTime: LocalTime,
  /** Sentences, most pressing first. Empty when all is well. */
  alarms: Type.Array(Type.String()),
  playout: Type.Object({
    /** Null while playout answers; otherwise why it can't be seen. What follows is then its last word, `ageMs` old. */
    problem: orNull(Type.String()),
    ageMs: orNull(Type.Number()),
    generation: orNull(Type.Integer()),
    rung: orNull(Rung),
    lateMs: orNull(Type.Number()),
    onAir: orNull(PlacedItem),
    next: orNull(PlacedItem),
    targets: Type.Array(TargetStatus),
    framesLost: orNull(Type.Integer()),
    encoderRestarts: orNull(Type.Integer()),
  }),
  redis: Type.Object({ problem: orNull(Type.String()), unwrittenRecords: Type.Integer() }),
  rundown: Type.Object({
    version: orNull(Type.Integer()),
    versionAtPlayout: orNull(Type.Integer()),
    untilMs: orNull(Type.Number()),
    hoursAhead: orNull(Type.Number()),
    /** What brought the last plan about, in a sentence. */
    reason: Type.String(),
    warnings: Type.Array(Type.String()),
  }),
  library: Type.Object({ playable: Type.Integer(), problems: Type.Integer(), note: orNull(Type.String()) }),
  nodes: Type.Object({ registered: Type.Integer(), serving: Type.Integer(), listeners: Type.Integer() }),
})
export type StatusAnswer = Static<typeof StatusAnswer>

/** `GET /api/library`. */
export const LibraryAnswer = Type.Object({
  entries: Type.Array(
    Type.Object({
      /** Relative to the music folder. */
      file: Type.String(),
      title: Type.String(),
      artist: Type.String(),
      album: Type.Optional(Type.String()),
      durationSeconds: Type.Number(),
      loudnessLufs: Type.Number(),
      gainDb: Type.Number(),
    }),
  ),
  problems: Type.Array(Type.Object({ file: Type.String(), reason: Type.String() })),
})
export type LibraryAnswer = Static<typeof LibraryAnswer>

export const HealthAnswer = Type.Object({ ok: Type.Boolean(), reason: Type.Optional(Type.String()) })
