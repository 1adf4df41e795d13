import Type, { type Static } from 'typebox'

/** Recordings: what an archive keeps of the air besides the rolling hours, and what the control center shows and asks for. */

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const RecordingId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,79}$' })
const TitleText = Type.String({ minLength: 1, maxLength: 300 })

/** `recording` lasts until its last frame has come and been copied; `failed` has nothing that could be heard. */
export const RecordingState = Type.Union([Type.Literal('recording'), Type.Literal('finished'), Type.Literal('failed')])
export type RecordingState = Static<typeof RecordingState>

/** One recording, exact to a frame: the frames [fromFrame, untilFrame) of the station's best rendition. */
export const Recording = Type.Object({
  id: RecordingId,
  title: Type.String(),
  /** The live session that it is of; null for one that somebody asked for. There is at most one of each session. */
  sessionId: orNull(Type.String()),
  anchorId: orNull(Type.String()),
  anchorName: Type.String(),
  fromFrame: Type.Integer({ minimum: 0 }),
  /** Null as long as its end is not known. */
  untilFrame: orNull(Type.Integer({ minimum: 0 })),
  /** The same as milliseconds of the timeline. */
  fromMs: Type.Number(),
  untilMs: orNull(Type.Number()),
  /** What has come so far. */
  lengthMs: Type.Number(),
  /** On the archive's disk. */
  bytes: Type.Integer({ minimum: 0 }),
  /** Milliseconds within it that nobody has any more: they are silent. */
  silentMs: Type.Number(),
  /** It is in the podcast feed. */
  published: Type.Boolean(),
  state: RecordingState,
  /** Why it is in this state, in a sentence. */
  reason: Type.String(),
})
export type Recording = Static<typeof Recording>

/** How the archive itself is. */
export const ArchiveState = Type.Object({
  ok: Type.Boolean(),
  reason: Type.String(),
  /** What a person should look into, in sentences. */
  alarms: Type.Array(Type.String()),
  /** What catch-up reaches; null when there is nothing. */
  oldestMs: orNull(Type.Number()),
  newestMs: orNull(Type.Number()),
  /** Of the rolling hours, and of the recordings. */
  airBytes: Type.Number(),
  recordingBytes: Type.Number(),
  diskFreeBytes: Type.Number(),
})
export type ArchiveState = Static<typeof ArchiveState>

/** `GET /recordings` of an archive: newest first. */
export const RecordingsAnswer = Type.Object({ recordings: Type.Array(Recording), archive: ArchiveState })
export type RecordingsAnswer = Static<typeof RecordingsAnswer>

/** `POST /recordings`. Without `fromMs` it begins now; without `untilMs` it goes on until it is stopped. */
export const RecordingOrder = Type.Object(
  {
    fromMs: Type.Optional(orNull(Type.Number({ minimum: 0 }))),
    untilMs: Type.Optional(orNull(Type.Number({ minimum: 0 }))),
    title: TitleText,
  },
  { additionalProperties: false },
)
export type RecordingOrder = Static<typeof RecordingOrder>

/** `PATCH /recordings/<id>`. */
export const RecordingChange = Type.Object(
  { title: Type.Optional(TitleText), published: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, minProperties: 1 },
)
export type RecordingChange = Static<typeof RecordingChange>

/** What every order answers: the recording as it now is. */
export const RecordingAnswer = Type.Object({ recording: Recording })
export type RecordingAnswer = Static<typeof RecordingAnswer>

/** The files of a recording, below its own path. */
export const RecordingFile = Type.String({
  pattern: '^(audio\\.m4a|audio\\.mp3|waveform\\.svg|index\\.m3u8|init\\.mp4|\\d{1,15}\\.m4s)$',
})

/** `GET /api/recordings` of the control center. */
export const RecordingsView = Type.Object({
  recordings: Type.Array(Recording),
  archive: ArchiveState,
  /** Where listeners hear a past span: `?from=` and `&to=`, milliseconds, are to be added. Null when it needs a signed address. */
  catchupUrl: orNull(Type.String()),
  podcastUrl: Type.String(),
  /** What the caller may do besides listening. */
  may: Type.Object({ record: Type.Boolean(), publish: Type.Boolean() }),
})
export type RecordingsView = Static<typeof RecordingsView>
