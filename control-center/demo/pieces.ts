import type { Timbre } from './timbres.ts'

/** A demo piece in the few numbers that tell it from the others by ear. */
export type Piece = {
  title: string
  artist: string
  album: string
  /** File name in `music/`; its ending chooses the codec. */
  file: string
  beatsPerMinute: number
  /** MIDI note of the scale's first degree. */
  tonic: number
  scale: readonly number[]
  /** One chord a bar, as degrees of the scale counted from 0. */
  chords: readonly number[]
  bars: number
  pad: Timbre
  lead: Timbre
  /** Steps of the broken chord within a bar, as chord tones; null is a rest. */
  arpeggio: readonly (number | null)[]
  /** 16 sixteenths a bar: k kick, h hat, s snare, - nothing. */
  drums: string
  /** Every piece has a melody of its own, from this seed. */
  seed: number
}

const MAJOR = [0, 2, 4, 5, 7, 9, 11]
const MINOR = [0, 2, 3, 5, 7, 8, 10]
const DORIAN = [0, 2, 3, 5, 7, 9, 10]
const LYDIAN = [0, 2, 4, 6, 7, 9, 11]
const PENTATONIC = [0, 2, 4, 7, 9]
const artist = 'The Airtight Ensemble'
const day = 'Demo Programme: Day'
const night = 'Demo Programme: Night'

/** In the order of making. Lengths differ from one to two minutes, and so do keys, tempi, timbres and codecs. */
export const pieces: readonly Piece[] = [
  {
    ...{ title: 'Copper Morning', artist, album: day, file: 'copper-morning.mp3', seed: 11 },
    ...{ beatsPerMinute: 96, tonic: 60, scale: MAJOR, chords: [0, 4, 5, 3], bars: 28, pad: 'organ', lead: 'pluck' },
    ...{ arpeggio: [0, 1, 2, 3, 2, 1, 2, 1], drums: 'k---h---k-k-h---' },
  },
  {
    ...{ title: 'Harbour Lights', artist, album: night, file: 'harbour-lights.ogg', seed: 23 },
    ...{ beatsPerMinute: 72, tonic: 57, scale: MINOR, chords: [0, 5, 2, 6], bars: 24, pad: 'strings', lead: 'flute' },
    ...{ arpeggio: [0, null, 2, null, 3, null, 2, null], drums: 'k-------h-------' },
  },
  {
    ...{ title: 'Paper Kites', artist, album: day, file: 'paper-kites.m4a', seed: 37 },
    ...{ beatsPerMinute: 124, tonic: 62, scale: LYDIAN, chords: [0, 1, 0, 4], bars: 40, pad: 'flute', lead: 'bell' },
    ...{ arpeggio: [0, 2, 1, 3, 2, 4, 3, 1], drums: 'k-h-s-h-k-hks-h-' },
  },
  {
    ...{ title: 'Slow Tram', artist, album: night, file: 'slow-tram.flac', seed: 41 },
    ...{ beatsPerMinute: 66, tonic: 53, scale: DORIAN, chords: [0, 3, 0, 4], bars: 16, pad: 'organ', lead: 'organ' },
    ...{ arpeggio: [0, 1, 2, 1], drums: 'k---s---k---s---' },
  },
  {
    ...{ title: 'Glass Garden', artist, album: day, file: 'glass-garden.mp3', seed: 53 },
    ...{
      beatsPerMinute: 108,
      tonic: 67,
      scale: PENTATONIC,
      chords: [0, 3, 2, 1],
      bars: 36,
      pad: 'strings',
      lead: 'bell',
    },
    ...{ arpeggio: [0, 1, 2, null, 3, 2, null, 1], drums: '----h-------h-h-' },
  },
  {
    ...{ title: 'Engine Room', artist, album: night, file: 'engine-room.opus', seed: 67 },
    ...{ beatsPerMinute: 132, tonic: 45, scale: MINOR, chords: [0, 0, 5, 6], bars: 40, pad: 'reed', lead: 'pluck' },
    ...{ arpeggio: [0, 0, 2, 0, 3, 0, 2, 1], drums: 'k-h-k-h-k-h-k-hs' },
  },
  {
    ...{ title: 'Two Bicycles', artist, album: day, file: 'two-bicycles.mp3', seed: 71 },
    ...{ beatsPerMinute: 116, tonic: 65, scale: MAJOR, chords: [0, 5, 3, 4], bars: 44, pad: 'reed', lead: 'flute' },
    ...{ arpeggio: [0, 2, 1, 2], drums: 'k--hs--hk-khs--h' },
  },
  {
    ...{ title: 'Snow on the Line', artist, album: night, file: 'snow-on-the-line.m4a', seed: 83 },
    ...{ beatsPerMinute: 60, tonic: 64, scale: MINOR, chords: [0, 3, 5, 4], bars: 18, pad: 'strings', lead: 'bell' },
    ...{ arpeggio: [3, null, 2, null, 1, null, null, null], drums: '----------------' },
  },
  {
    ...{ title: 'Last Ferry', artist, album: night, file: 'last-ferry.mp3', seed: 97 },
    ...{ beatsPerMinute: 84, tonic: 50, scale: DORIAN, chords: [0, 6, 3, 0], bars: 30, pad: 'flute', lead: 'reed' },
    ...{ arpeggio: [0, 2, 3, 2, 1, 2], drums: 'k---h--kk---h---' },
  },
]

/** What plays when everything else has failed: calm, and without a seam when it is looped. */
export const emergencyPiece: Piece = {
  ...{ title: 'Please Stay Tuned', artist, album: 'Demo Programme', file: 'emergency.mp3', seed: 5 },
  ...{ beatsPerMinute: 60, tonic: 55, scale: MAJOR, chords: [0, 5, 3, 4], bars: 16, pad: 'strings', lead: 'flute' },
  ...{ arpeggio: [0, null, 1, null, 2, null, 1, null], drums: '----------------' },
}
