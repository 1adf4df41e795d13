import Type, { type Static } from 'typebox'
import { RenditionInfo } from './markers.ts'

/** The station file (YAML). Every field has a default; `deploy/station.example.yaml` explains each to its owner. */

const closed = { additionalProperties: false }
/** A weekday's time in the station's zone, 24 h clock, seconds optional. `24:00` is allowed as an end. */
const TimeOfDay = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$|^24:00$',
  examples: ['20:00', '07:30:15'],
})
const Weekday = Type.Union([
  Type.Literal('mon'),
  Type.Literal('tue'),
  Type.Literal('wed'),
  Type.Literal('thu'),
  Type.Literal('fri'),
  Type.Literal('sat'),
  Type.Literal('sun'),
])
export type Weekday = Static<typeof Weekday>

/** Where audio comes from: exactly one of folder, playlist (m3u, m3u8, pls, xspf) and file; paths relative to the music folder. */
export const SourceReference = Type.Object(
  {
    folder: Type.Optional(Type.String({ examples: ['evening'] })),
    playlist: Type.Optional(Type.String({ examples: ['sunday.m3u'] })),
    file: Type.Optional(Type.String({ examples: ['ident.wav'] })),
  },
  { ...closed, minProperties: 1, maxProperties: 1, examples: [{ folder: 'evening' }] },
)
export type SourceReference = Static<typeof SourceReference>

const Order = Type.Union([Type.Literal('shuffle'), Type.Literal('in-order')])

export const Show = Type.Object(
  {
    name: Type.String({ minLength: 1, examples: ['Night Train'] }),
    days: Type.Array(Weekday, {
      minItems: 1,
      default: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
      examples: [['mon', 'fri']],
    }),
    start: TimeOfDay,
    /** An end at or before the start is on the next day. */
    end: TimeOfDay,
    source: SourceReference,
    order: Type.Union([Order.anyOf[0], Order.anyOf[1]], { default: 'shuffle', examples: ['in-order'] }),
    /** When a show's start falls into the hour that the spring change skips: play it at the next valid time, or not at all. */
    whenSkippedBySpring: Type.Union([Type.Literal('shift'), Type.Literal('skip')], { default: 'shift' }),
    /** When its start happens twice in autumn. */
    whenDoubledByAutumn: Type.Union([Type.Literal('first'), Type.Literal('second'), Type.Literal('both')], {
      default: 'first',
    }),
    /** How many seconds the item before may run on past the start; 0 cuts it with a 20 ms fade. */
    waitSecondsMax: Type.Number({ minimum: 0, maximum: 600, default: 0 }),
  },
  closed,
)
export type Show = Static<typeof Show>

export const FixedItem = Type.Object(
  {
    name: Type.String({ minLength: 1, examples: ['Top of the hour'] }),
    /** `hourly` at a minute and second, or a time of day on given days. */
    at: Type.Union([
      Type.Object(
        {
          everyHourAt: Type.String({ pattern: '^[0-5]\\d:[0-5]\\d$', examples: ['00:00'] }),
        },
        closed,
      ),
      Type.Object({ time: TimeOfDay, days: Type.Optional(Type.Array(Weekday, { minItems: 1 })) }, closed),
    ]),
    source: SourceReference,
    /** 0 cuts what is playing with a 20 ms fade; n waits at most n seconds for it to end. */
    waitSecondsMax: Type.Number({ minimum: 0, maximum: 600, default: 0 }),
  },
  closed,
)
export type FixedItem = Static<typeof FixedItem>

export const Jingles = Type.Object(
  { source: SourceReference, everyItems: Type.Integer({ minimum: 1, maximum: 1000, default: 4 }) },
  closed,
)

export const Programme = Type.Object(
  {
    /** Fills every hole. */
    rotation: Type.Object(
      {
        source: Type.Optional(SourceReference),
        order: Type.Union([Order.anyOf[0], Order.anyOf[1]], { default: 'shuffle' }),
      },
      { ...closed, default: {} },
    ),
    jingles: Type.Optional(Jingles),
    shows: Type.Array(Show, { default: [], maxItems: 1000 }),
    fixed: Type.Array(FixedItem, { default: [], maxItems: 200 }),
  },
  { ...closed, default: {} },
)
export type Programme = Static<typeof Programme>

/** A stream of another station that is pulled in: on the air in its windows, or on demand when it has none. */
export const Relay = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, examples: ['Partner News'] }),
    /** Icecast or HLS by http(s), rtmp(s), rtsp. */
    url: Type.String({ pattern: '^(https?|rtmps?|rtsp)://\\S+$', examples: ['https://partner.example.org/live.mp3'] }),
    shows: Type.Array(
      Type.Object(
        {
          days: Type.Array(Weekday, { minItems: 1, default: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] }),
          start: TimeOfDay,
          end: TimeOfDay,
        },
        closed,
      ),
      { default: [], maxItems: 50 },
    ),
  },
  closed,
)
export type Relay = Static<typeof Relay>

export const Live = Type.Object(
  {
    /** Decoded audio in hand before an anchor goes on air. */
    bufferMilliseconds: Type.Integer({ minimum: 300, maximum: 5000, default: 600 }),
    relayBufferMilliseconds: Type.Integer({ minimum: 300, maximum: 10000, default: 3000 }),
    crossfadeSeconds: Type.Number({ minimum: 0.02, maximum: 5, default: 0.5 }),
    graceSeconds: Type.Number({ minimum: 0, maximum: 300, default: 10 }),
    silence: Type.Object(
      {
        belowDbfs: Type.Number({ minimum: -90, maximum: -20, default: -50 }),
        afterSeconds: Type.Number({ minimum: 1, maximum: 600, default: 15 }),
        backAfterSeconds: Type.Number({ minimum: 0.5, maximum: 60, default: 3 }),
      },
      { ...closed, default: {} },
    ),
    talkOver: Type.Object(
      {
        duckDb: Type.Number({ minimum: -60, maximum: 0, default: -14 }),
        downMilliseconds: Type.Integer({ minimum: 20, maximum: 5000, default: 300 }),
        upMilliseconds: Type.Integer({ minimum: 20, maximum: 10000, default: 900 }),
      },
      { ...closed, default: {} },
    ),
    /** Live audio is brought gently to the station's loudness. */
    levelling: Type.Boolean({ default: true, examples: [false] }),
    /** Played while the air is held between two anchors, relative to the music folder; null: a bed. */
    holdFile: Type.Union([Type.String(), Type.Null()], { default: null, examples: ['hold.mp3'] }),
    relays: Type.Array(Relay, { default: [], maxItems: 50 }),
  },
  { ...closed, default: {} },
)
export type Live = Static<typeof Live>

export const Archive = Type.Object(
  {
    /** Days of the air that are kept for catch-up; 0 keeps none. */
    days: Type.Number({ minimum: 0, maximum: 3660, default: 7, examples: [30] }),
    /** Each live session becomes a recording. */
    recordLive: Type.Boolean({ default: true, examples: [false] }),
    /** Days that recordings are kept; null is for ever. */
    recordingDays: Type.Union([Type.Number({ minimum: 1 }), Type.Null()], { default: null, examples: [365] }),
    /** Below this much free disk nothing more is recorded; the air goes on. */
    minFreeGigabytes: Type.Number({ minimum: 0, maximum: 100000, default: 2, examples: [10] }),
  },
  { ...closed, default: {} },
)
export type Archive = Static<typeof Archive>

export const StationFile = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]{1,64}$', default: 'airtight', examples: ['night-radio'] }),
    name: Type.String({ minLength: 1, maxLength: 200, default: 'Airtight Radio', examples: ['Night Radio'] }),
    timeZone: Type.String({ default: 'UTC', examples: ['Europe/Berlin'] }),
    renditions: Type.Array(RenditionInfo, {
      minItems: 1,
      maxItems: 4,
      default: [
        { id: 'high', bitrateKbps: 128, channels: 2 },
        { id: 'low', bitrateKbps: 48, channels: 1 },
      ],
      examples: [[{ id: 'high', bitrateKbps: 128, channels: 2 }]],
    }),
    hls: Type.Object(
      {
        windowSegments: Type.Integer({ minimum: 6, maximum: 60, default: 15 }),
        keptSegments: Type.Integer({ minimum: 12, maximum: 120, default: 30 }),
      },
      { ...closed, default: {} },
    ),
    audio: Type.Object(
      {
        crossfadeSeconds: Type.Number({ minimum: 0, maximum: 20, default: 3 }),
        targetLufs: Type.Number({ minimum: -40, maximum: -5, default: -16, examples: [-16] }),
        truePeakDbtp: Type.Number({ minimum: -9, maximum: 0, default: -1 }),
      },
      { ...closed, default: {} },
    ),
    /** Relative to the station file. Null: demo programmes are made in the data folder. */
    musicFolder: Type.Union([Type.String(), Type.Null()], { default: null, examples: ['/srv/music'] }),
    /** Plays when everything else fails. Null: one is made. Relative to the music folder. */
    emergencyFile: Type.Union([Type.String(), Type.Null()], { default: null, examples: ['emergency.mp3'] }),
    programme: Programme,
    live: Live,
    archive: Archive,
    /** PEM files for RTMPS, the studio's microphone and the pages; relative to the station file. Null: none of them is offered. */
    tls: Type.Union(
      [
        Type.Object(
          {
            certificate: Type.String({ minLength: 1, examples: ['/etc/ssl/radio.pem'] }),
            key: Type.String({ minLength: 1, examples: ['/etc/ssl/radio.key'] }),
          },
          closed,
        ),
        Type.Null(),
      ],
      { default: null, examples: [{ certificate: 'radio.pem', key: 'radio.key' }] },
    ),
    listen: Type.Object(
      {
        /** What the programs bind to. */
        address: Type.String({ default: '127.0.0.1', examples: ['0.0.0.0'] }),
        /** The host name that others use; null: the address, or localhost. */
        publicHost: Type.Union([Type.String(), Type.Null()], { default: null, examples: ['radio.example.org'] }),
        /** Listening needs an address that the control center has signed. */
        signed: Type.Boolean({ default: false, examples: [true] }),
      },
      { ...closed, default: {} },
    ),
    nodes: Type.Object(
      {
        /** How many slicers `npm start` runs on this machine. */
        localSlicers: Type.Integer({ minimum: 1, maximum: 8, default: 2 }),
      },
      { ...closed, default: {} },
    ),
    /** Names of environment variables that hold secrets; a missing one is made once and kept in the data folder. */
    secrets: Type.Object(
      {
        joinTokenEnv: Type.String({ pattern: '^[A-Z_][A-Z0-9_]*$', default: 'AIRTIGHT_JOIN_TOKEN' }),
        controlTokenEnv: Type.String({ pattern: '^[A-Z_][A-Z0-9_]*$', default: 'AIRTIGHT_CONTROL_TOKEN' }),
        /** Signs playback addresses. */
        playbackSecretEnv: Type.String({ pattern: '^[A-Z_][A-Z0-9_]*$', default: 'AIRTIGHT_PLAYBACK_SECRET' }),
      },
      { ...closed, default: {} },
    ),
  },
  closed,
)
export type StationFile = Static<typeof StationFile>
