import Type, { type Static } from 'typebox'

/**
 * What is to be played, resolved to samples of the timeline. The control center writes it, always at least 24 h ahead;
 * playout keeps it on disk and renders from it: the audio of any sample is a pure function of the rundown.
 */

export const ItemKind = Type.Union([
  Type.Literal('music'),
  Type.Literal('jingle'),
  Type.Literal('ident'),
  Type.Literal('show'),
  Type.Literal('emergency'),
  Type.Literal('bed'),
  Type.Literal('live'),
])
export type ItemKind = Static<typeof ItemKind>

/** A piece of audio that could be planned: a file that has been decoded whole and measured. Samples are at 48 kHz. */
export const Playable = Type.Object({
  /** Absolute path on the host of playout. */
  path: Type.String(),
  /** Size in bytes and modification time, as found by the analysis: another file under the same name is not the same item. */
  fingerprint: Type.String(),
  kind: ItemKind,
  title: Type.String(),
  artist: Type.String(),
  album: Type.Optional(Type.String()),
  /** First sample worth hearing (silence before it is skipped). */
  cueInSample: Type.Integer({ minimum: 0 }),
  /** How much is played from the cue-in, to the cue-out. */
  lengthSamples: Type.Integer({ minimum: 1 }),
  /** To the station's target loudness. */
  gainDb: Type.Number(),
})
export type Playable = Static<typeof Playable>

export const RundownItem = Type.Intersect([
  Playable,
  Type.Object({
    /** Stable across re-plans, unique within 48 h. */
    id: Type.String(),
    /** The timeline's sample at which the item's first sample sounds. `lengthSamples` may be shorter than the file: the item is cut there. */
    startSample: Type.Integer({ minimum: 0 }),
    /** Equal-power fades inside the item's own span; neighbours overlap by their fades. 0 is a hard edge. */
    fadeInSamples: Type.Integer({ minimum: 0 }),
    fadeOutSamples: Type.Integer({ minimum: 0 }),
    /** The show of the weekly grid, if any. */
    show: Type.Optional(Type.String()),
    /** Set on a fixed-time item: what it does to what is playing when its time comes. */
    fixed: Type.Optional(
      Type.Object({
        /** The wanted instant, milliseconds since the epoch. */
        atMs: Type.Number(),
        /** 0 cuts what is playing; n waits at most n seconds for it to end. */
        waitSecondsMax: Type.Number({ minimum: 0 }),
      }),
    ),
    /** A boundary that a local re-plan must respect: this item may not be moved (fixed-time items, starts of shows). */
    anchored: Type.Boolean(),
    /** Set when the item is cut: the length it would have had, so that a local re-plan may give some of it back. */
    uncutSamples: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Why this plays now, in a sentence. */
    reason: Type.String(),
  }),
])
export type RundownItem = Static<typeof RundownItem>

export const Rundown = Type.Object({
  stationId: Type.String(),
  /** Rises with every plan: playout refuses a lower one. */
  version: Type.Integer({ minimum: 1 }),
  /** Milliseconds since the epoch, by the timeline's clock. */
  madeAtMs: Type.Number(),
  fromSample: Type.Integer({ minimum: 0 }),
  /** First sample no longer planned. */
  untilSample: Type.Integer({ minimum: 0 }),
  crossfadeSamples: Type.Integer({ minimum: 0 }),
  /** In order of startSample. Adjacent items touch or overlap by their fades: no holes, but where nothing at all is playable. */
  items: Type.Array(RundownItem),
  /** Rotation items in hand, for when a planned one fails: playout takes them in order, round and round. */
  reserve: Type.Array(Playable),
})
export type Rundown = Static<typeof Rundown>

/** The ladder, best first. A step down is logged with its reason, and counted. */
export const RUNGS = ['live', 'scheduled', 'rotation', 'emergency', 'bed'] as const
export const Rung = Type.Union([
  Type.Literal('live'),
  Type.Literal('scheduled'),
  Type.Literal('rotation'),
  Type.Literal('emergency'),
  Type.Literal('bed'),
])
export type Rung = Static<typeof Rung>

/** What really played, exact to the sample. One line of the as-run log. */
export const AsRunEntry = Type.Object({
  /** The rundown item's id; for what playout chose itself, an id of its own. */
  itemId: Type.String(),
  kind: ItemKind,
  rung: Rung,
  title: Type.String(),
  artist: Type.String(),
  show: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
  startSample: Type.Integer(),
  /** First sample that the item no longer sounded in. */
  endSample: Type.Integer(),
  /** Null for what was never planned. */
  plannedStartSample: Type.Union([Type.Integer(), Type.Null()]),
  /** Why it began, and for an item that did not end by itself, why it ended. */
  reason: Type.String(),
  /** The generation of playout that wrote the entry. */
  generation: Type.Integer(),
})
export type AsRunEntry = Static<typeof AsRunEntry>
