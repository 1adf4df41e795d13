import { SAMPLE_RATE } from '../../media/timeline.ts'
import { addNote, addRoom, type Canvas, emptyCanvas, frequencyOfMidi, normalise } from './synthesizer.ts'
import { type Timbre, voices } from './timbres.ts'

export type Jingle = { title: string; file: string; timbre: Timbre; notes: readonly number[]; words: string }

/** Five seconds each: a signal of a few notes, and words over its end where a voice is installed. */
export const jingles: readonly Jingle[] = [
  {
    ...{ title: 'Airtight Signal', file: 'signal.mp3', timbre: 'bell', notes: [72, 76, 79, 84] },
    words: 'Airtight. Always on.',
  },
  {
    ...{ title: 'Airtight Signal in Blue', file: 'signal-in-blue.ogg', timbre: 'flute', notes: [69, 72, 76, 74] },
    words: 'You are listening to Airtight.',
  },
  {
    ...{ title: 'Airtight Signal in Brass', file: 'signal-in-brass.m4a', timbre: 'reed', notes: [67, 67, 74, 71] },
    words: 'Airtight. Day and night.',
  },
]

export const topOfTheHour: Jingle = {
  ...{ title: 'Top of the Hour', file: 'top-of-the-hour.wav', timbre: 'bell', notes: [79, 76, 72, 79] },
  words: 'This is Airtight.',
}

const JINGLE_SECONDS = 5
const VOICE_FROM_SECONDS = 1.6

/** The signal, and the spoken words over it when there are any. Its first note begins with the first sample. */
export function composeJingle(jingle: Jingle, spoken: Float32Array | null): Canvas {
  const canvas = emptyCanvas(JINGLE_SECONDS)
  jingle.notes.forEach((note, index) => {
    for (const [octave, gain] of [
      [0, 0.3],
      [12, 0.12],
    ] as const)
      addNote(canvas, voices[jingle.timbre], {
        ...{ startSeconds: index * 0.35, heldSeconds: index === jingle.notes.length - 1 ? 3.4 : 0.32, gain },
        ...{ pan: (index - 1.5) * 0.3, frequencyHz: frequencyOfMidi(note + octave) },
      })
  })
  addRoom(canvas, 0.3)
  normalise(canvas, spoken ? -9 : -4)
  const from = Math.round(VOICE_FROM_SECONDS * SAMPLE_RATE)
  const count = Math.min(spoken?.length ?? 0, canvas.left.length - from)
  for (let n = 0; n < count; n++) {
    canvas.left[from + n]! += 0.7 * spoken![n]!
    canvas.right[from + n]! += 0.7 * spoken![n]!
  }
  normalise(canvas, -3)
  return canvas
}
