import { addDrums } from './percussion.ts'
import type { Piece } from './pieces.ts'
import { addNote, addRoom, type Canvas, emptyCanvas, frequencyOfMidi, normalise, seededRandom } from './synthesizer.ts'
import { voices } from './timbres.ts'

const TAIL_SECONDS = 2

/** Plays a piece: pad and bass, then the broken chord, then drums and melody, and at the end the pad alone again. */
export function compose(piece: Piece): Canvas {
  const barSeconds = 240 / piece.beatsPerMinute
  const canvas = emptyCanvas(piece.bars * barSeconds + TAIL_SECONDS)
  const random = seededRandom(piece.seed)
  const motif = Array.from({ length: 8 }, () => (random() < 0.25 ? null : Math.floor(random() * 6)))
  for (let bar = 0; bar < piece.bars; bar++) {
    const start = bar * barSeconds
    const last = bar >= piece.bars - 2
    addChord(canvas, piece, bar, start, barSeconds)
    if (bar >= 2 && !last) addArpeggio(canvas, piece, bar, start, barSeconds)
    if (bar >= 4 && !last) addDrums(canvas, piece.drums, start, barSeconds)
    if (bar >= 6 && !last && bar % 8 < 6) addMelody(canvas, piece, motif, bar, start, barSeconds)
  }
  addRoom(canvas, 0.22)
  // Records differ in loudness, and so do these: levelling them is the station's work.
  normalise(canvas, -2 - (piece.seed % 5) * 1.5)
  return canvas
}

/** A piece whose end flows into its beginning: no tail, no drums, no beginning or end of layers. */
export function composeLoop(piece: Piece): Canvas {
  const barSeconds = 240 / piece.beatsPerMinute
  const canvas = emptyCanvas(piece.bars * barSeconds)
  for (let bar = 0; bar < piece.bars; bar++) {
    addChord(canvas, piece, bar, bar * barSeconds, barSeconds)
    addArpeggio(canvas, piece, bar, bar * barSeconds, barSeconds)
  }
  normalise(canvas, -6)
  return canvas
}

function addChord(canvas: Canvas, piece: Piece, bar: number, startSeconds: number, barSeconds: number): void {
  const root = rootOf(piece, bar)
  for (const [index, degree] of [0, 2, 4].entries())
    addNote(canvas, voices[piece.pad], {
      ...{ startSeconds, heldSeconds: barSeconds, gain: 0.13, pan: (index - 1) * 0.5 },
      frequencyHz: frequencyOfMidi(noteOf(piece, root + degree)),
    })
  addNote(canvas, voices.flute, {
    ...{ startSeconds, heldSeconds: barSeconds * 0.9, gain: 0.3, pan: 0 },
    frequencyHz: frequencyOfMidi(noteOf(piece, root) - (piece.tonic > 56 ? 24 : 12)),
  })
}

function addArpeggio(canvas: Canvas, piece: Piece, bar: number, start: number, barSeconds: number): void {
  const stepSeconds = barSeconds / piece.arpeggio.length
  piece.arpeggio.forEach((tone, step) => {
    if (tone === null) return
    addNote(canvas, voices[piece.lead], {
      ...{ startSeconds: start + step * stepSeconds, heldSeconds: stepSeconds * 0.9, gain: 0.12 },
      ...{ pan: step % 2 ? 0.4 : -0.4, frequencyHz: frequencyOfMidi(noteOf(piece, rootOf(piece, bar) + tone * 2)) },
    })
  })
}

function addMelody(
  canvas: Canvas,
  piece: Piece,
  motif: readonly (number | null)[],
  bar: number,
  start: number,
  barSeconds: number,
): void {
  const half = (bar % 2) * 4
  motif.slice(half, half + 4).forEach((degree, beat) => {
    if (degree === null) return
    addNote(canvas, voices[piece.lead], {
      ...{ startSeconds: start + (beat * barSeconds) / 4, heldSeconds: barSeconds / 4.5, gain: 0.2, pan: 0.1 },
      frequencyHz: frequencyOfMidi(noteOf(piece, rootOf(piece, bar) + degree) + 12),
    })
  })
}

const rootOf = (piece: Piece, bar: number): number => piece.chords[bar % piece.chords.length]!

/** The MIDI note of a degree of the scale, octaves above it included. */
function noteOf(piece: Piece, degree: number): number {
  const octave = Math.floor(degree / piece.scale.length)
  return piece.tonic + 12 * octave + piece.scale[degree % piece.scale.length]!
}
