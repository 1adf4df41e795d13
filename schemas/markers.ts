import Type, { type Static } from 'typebox'

/**
 * What travels in-band with the frames, so that a segment's bytes depend on nothing but the messages within it.
 * In the RTMP push a marker is an AMF0 data message: the string `onAirtight`, then the marker as JSON in a (long) string.
 */
export const MARKER_NAME = 'onAirtight'
/** The packaging version: raised when the bytes that segments are made into change. A node supports this one and the one before. */
export const PACKAGING_VERSION = 1

export const RenditionInfo = Type.Object({
  /** As in URLs: `high`, `low`. */
  id: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
  bitrateKbps: Type.Integer({ minimum: 8, maximum: 512 }),
  channels: Type.Union([Type.Literal(1), Type.Literal(2)]),
})
export type RenditionInfo = Static<typeof RenditionInfo>

/** What every playlist and manifest needs to know of the station: the same in each push, so that all nodes answer alike. */
export const StationInfo = Type.Object({
  /** As in URLs. */
  id: Type.String({ pattern: '^[a-z0-9-]{1,64}$' }),
  name: Type.String(),
  /** Best first, as they stand in the master playlist. */
  renditions: Type.Array(RenditionInfo, { minItems: 1, maxItems: 8 }),
  /** Segments listed in a playlist. */
  windowSegments: Type.Integer({ minimum: 3, maximum: 100 }),
  /** Segments that stay fetchable, the listed ones included. */
  keptSegments: Type.Integer({ minimum: 6, maximum: 400 }),
})
export type StationInfo = Static<typeof StationInfo>

/** A title that holds from `frame` on, until the next one. */
export const Title = Type.Object({
  frame: Type.Integer({ minimum: 0 }),
  title: Type.String(),
  artist: Type.String(),
  kind: Type.String(),
  itemId: Type.String(),
  /** The item's first sample on the timeline. */
  startSample: Type.Integer(),
  show: Type.Optional(Type.String()),
})
export type Title = Static<typeof Title>

/** Opens a publication: the next audio message, at this message's timestamp, is frame `frame`. */
export const StartMarker = Type.Object({
  marker: Type.Literal('start'),
  packaging: Type.Integer(),
  /** Of playout: max(previous + 1, Unix seconds) at each start. A node refuses a lower one than it has seen. */
  generation: Type.Integer({ minimum: 0 }),
  station: StationInfo,
  rendition: Type.String(),
  frame: Type.Integer({ minimum: 0 }),
  /** Frames before this one do not exist, or were given up: they are not listed and not asked for. A multiple of 188. */
  firstAvailableFrame: Type.Integer({ minimum: 0 }),
})
export type StartMarker = Static<typeof StartMarker>

/** Seals a segment: sent right after its last frame. */
export const SegmentMarker = Type.Object({
  marker: Type.Literal('segment'),
  generation: Type.Integer({ minimum: 0 }),
  rendition: Type.String(),
  segment: Type.Integer({ minimum: 0 }),
  firstFrame: Type.Integer({ minimum: 0 }),
  /** Lower-case hex SHA-256 over the segment's access units, raw, one after the other. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /**
   * `live` when a voice sounded in any part of it. Titles change in the middle of a fade: of a segment with only the first half of the fade
   * into live, they are still the programme's.
   */
  cue: Type.Union([Type.Literal('programme'), Type.Literal('live')]),
  /** The first one's frame is the segment's first frame: the title that holds there. Then each change within the segment. */
  titles: Type.Array(Title, { minItems: 1, maxItems: 32 }),
})
export type SegmentMarker = Static<typeof SegmentMarker>

export const Marker = Type.Union([StartMarker, SegmentMarker])
export type Marker = Static<typeof Marker>
