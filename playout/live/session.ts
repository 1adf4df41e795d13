import Type, { type Static } from 'typebox'
import { LiveSession } from '../../schemas/live.ts'

/** A session as the machine keeps it, on disk too: the lasting part of what {@link LiveSession} shows, and what its rules need to remember. */

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** What was done to the air for the session, last. Instants are samples of the timeline. */
export const Voice = Type.Union([
  Type.Object({ phase: Type.Literal('none') }),
  /** Its audio is being gathered, off air. */
  Type.Object({ phase: Type.Literal('open'), ingest: Type.String(), run: Type.String(), openedMs: Type.Number() }),
  Type.Object({
    phase: Type.Literal('sounding'),
    ingest: Type.String(),
    run: Type.String(),
    kind: Type.Union([Type.Literal('into-live'), Type.Literal('back'), Type.Literal('hand-over')]),
    atSample: Type.Integer(),
  }),
  /** On its way out: its last sample is the one before `endSample`. */
  Type.Object({
    phase: Type.Literal('leaving'),
    kind: Type.Union([
      Type.Literal('out-of-live'),
      Type.Literal('lost'),
      Type.Literal('silence'),
      Type.Literal('hand-over'),
    ]),
    endSample: Type.Integer(),
  }),
])
export type Voice = Static<typeof Voice>

export const Pending = Type.Object({
  action: Type.Union([Type.Literal('go-live'), Type.Literal('hand-over')]),
  when: Type.Union([Type.Literal('now'), Type.Literal('item-end'), Type.Literal('at'), Type.Literal('ready')]),
  atMs: orNull(Type.Number()),
  orderedMs: Type.Number(),
  /** The end of the item that it waits for, once that is near enough to gather audio for it. */
  atSample: orNull(Type.Integer()),
  /** Of a hand-over: who hands over. */
  from: orNull(Type.String()),
})
export type Pending = Static<typeof Pending>

export const Session = Type.Intersect([
  Type.Pick(LiveSession, [
    'id',
    'keyId',
    'anchorId',
    'anchorName',
    'kind',
    'source',
    'ingest',
    'title',
    'state',
    'reason',
    'stateSinceMs',
    'onAirFromSample',
    'onAirUntilSample',
    'covered',
    'talkOver',
    'notes',
  ]),
  Type.Object({
    run: Type.String(),
    connection: Type.Integer(),
    format: Type.String(),
    pending: orNull(Pending),
    voice: Voice,
    /** It may take the air by itself: not when a person has just ended the one before on the same connection. */
    automatic: Type.Boolean(),
    losses: Type.Integer(),
    /** When it was lost lately. */
    lostAtMs: Type.Array(Type.Number(), { default: [] }),
    /** More than the station's, since it was lost again and again; null: the station's. */
    bufferMs: Type.Union([Type.Number(), Type.Null()], { default: null }),
    /** Since when there is no sender, off air; null while there is one. */
    missingSinceMs: orNull(Type.Number()),
    /** Up to which offset of a run it has been heard. */
    heardUntil: orNull(Type.Object({ run: Type.String(), offset: Type.Integer() })),
    /** On its way to the end: `untilOffset` is the first sample of the feed that is not aired any more. */
    drain: orNull(Type.Object({ untilOffset: Type.Integer() })),
    /** When a person gave the order that the next change on air answers; null when nobody did. */
    orderedMs: orNull(Type.Number()),
    endedMs: orNull(Type.Number()),
    /** Who ended it: after an order, or a long silence, its connection may be used again, but not by itself; after a kick not at all. */
    endedBy: orNull(
      Type.Union([Type.Literal('rule'), Type.Literal('order'), Type.Literal('silence'), Type.Literal('kick')]),
    ),
  }),
])
export type Session = Static<typeof Session>

/** All that the machine knows by itself. */
export const LiveState = Type.Object({
  revision: Type.Integer(),
  hold: Type.Boolean(),
  /** In order of their beginning, the ended ones of a day included. */
  sessions: Type.Array(Session),
})
export type LiveState = Static<typeof LiveState>

export const emptyLiveState = (): LiveState => ({ revision: 0, hold: false, sessions: [] })

export const isLiving = (session: Session): boolean => session.state !== 'ended'
/** It has the air: heard, or covered meanwhile, or saying its last words. */
export const hasAir = (session: Session): boolean => session.state === 'on-air' || session.state === 'draining'
/** On air, or its audio is coming in just now. */
export const isHeard = ({ voice }: Session): boolean => voice.phase === 'sounding' || voice.phase === 'leaving'
