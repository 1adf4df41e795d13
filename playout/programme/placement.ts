import Type, { type Static } from 'typebox'
import { type AsRunEntry, ItemKind, type RundownItem, Rung } from '../../schemas/rundown.ts'
import { FadeOut } from '../mixer/envelope.ts'

/** An item with its place on the timeline, as playout has decided it: what the mixer renders, and what the checkpoint keeps. */
export const Placement = Type.Object({
  id: Type.String(),
  kind: ItemKind,
  rung: Rung,
  title: Type.String(),
  artist: Type.String(),
  show: Type.Optional(Type.String()),
  /** Null for what playout makes itself. */
  path: Type.Union([Type.String(), Type.Null()]),
  cueInSample: Type.Integer({ minimum: 0 }),
  gainDb: Type.Number(),
  startSample: Type.Integer(),
  endSample: Type.Integer(),
  fadeInSamples: Type.Integer({ minimum: 0 }),
  fadeOutSamples: Type.Integer({ minimum: 0 }),
  /** As in the envelope: a voice has taken the air from it. */
  fadeOutEndSample: Type.Optional(Type.Integer()),
  takenOver: Type.Optional(Type.Array(FadeOut)),
  /** Nobody knows yet when it ends: a voice, or the bed while a hold lasts. Its end moves on with the time. */
  open: Type.Optional(Type.Boolean()),
  plannedStartSample: Type.Union([Type.Integer(), Type.Null()]),
  reason: Type.String(),
  /** Set when it did not end by itself. */
  endReason: Type.Optional(Type.String()),
  /** Its as-run entry is written. */
  logged: Type.Boolean(),
})
export type Placement = Static<typeof Placement>

export function placementOf(item: RundownItem, rung: 'scheduled' | 'rotation'): Placement {
  return {
    id: item.id,
    kind: item.kind,
    rung,
    title: item.title,
    artist: item.artist,
    ...(item.show === undefined ? {} : { show: item.show }),
    path: item.path,
    cueInSample: item.cueInSample,
    gainDb: item.gainDb,
    startSample: item.startSample,
    endSample: item.startSample + item.lengthSamples,
    fadeInSamples: item.fadeInSamples,
    fadeOutSamples: item.fadeOutSamples,
    plannedStartSample: rung === 'scheduled' ? item.startSample : null,
    reason: item.reason,
    logged: false,
  }
}

export function asRunEntryOf(placement: Placement, endSample: number, generation: number): AsRunEntry {
  return {
    itemId: placement.id,
    kind: placement.kind,
    rung: placement.rung,
    title: placement.title,
    artist: placement.artist,
    ...(placement.show === undefined ? {} : { show: placement.show }),
    ...(placement.path === null ? {} : { path: placement.path }),
    startSample: placement.startSample,
    endSample,
    plannedStartSample: placement.plannedStartSample,
    reason: placement.endReason ? `${placement.reason} ${placement.endReason}` : placement.reason,
    generation,
  }
}

/** The sample from which the item's title is shown: the middle of its fade in. */
export const titleSampleOf = (placement: Placement): number =>
  placement.startSample + Math.floor(placement.fadeInSamples / 2)
