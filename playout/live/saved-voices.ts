import Type, { type Static } from 'typebox'
import { Span } from '../mixer/envelope.ts'

/** A voice as the checkpoint keeps it, so that a new process reads on where the old one was, to the sample. */
export const SavedVoice = Type.Object({
  sessionId: Type.String(),
  anchorName: Type.String(),
  title: Type.String(),
  talkOver: Type.Boolean(),
  span: Span,
  /** Its span in the programme; null while the programme goes on under it. */
  placementId: Type.Union([Type.String(), Type.Null()]),
  /** Its end has been promised: it is read at an even pace until then. */
  ending: Type.Boolean(),
  /** The ingest node's id; where it is, is found in the live plan. */
  ingest: Type.String(),
  keyId: Type.String(),
  run: Type.String(),
  bufferSamples: Type.Number(),
  /** At this sample of the timeline sounds this offset of the feed, and from there on so many samples of the feed a sample. */
  atSample: Type.Integer(),
  offset: Type.Number(),
  ratio: Type.Number(),
  /** What the drift servo has learned of the sender's clock, as a fraction. */
  drift: Type.Number(),
  /** What the leveller has learned. */
  levelGainDb: Type.Number(),
  levelPower: Type.Union([Type.Number(), Type.Null()]),
})
export type SavedVoice = Static<typeof SavedVoice>

export const SavedVoices = Type.Object({
  voices: Type.Array(SavedVoice),
  /** Spans in which a voice sounded, lately: for the markers of segments that are not sealed yet. */
  heard: Type.Array(Type.Object({ startSample: Type.Integer(), endSample: Type.Integer() })),
  hold: Type.Boolean(),
  /** Live placements made so far, of each session: they number the as-run entries. */
  placements: Type.Integer({ default: 0 }),
})
export type SavedVoices = Static<typeof SavedVoices>
