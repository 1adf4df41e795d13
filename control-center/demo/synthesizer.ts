import { SAMPLE_RATE } from '../../media/timeline.ts'
import { type Voice, WAVE_SAMPLES } from './timbres.ts'

/** Stereo sound being made: two rows of samples at 48 kHz, about ±1. */
export type Canvas = { left: Float32Array; right: Float32Array }

export type Note = {
  startSeconds: number
  /** Until the key is let go; the voice's release follows. */
  heldSeconds: number
  frequencyHz: number
  gain: number
  /** −1 left, 1 right. */
  pan: number
}

export const frequencyOfMidi = (note: number): number => 440 * 2 ** ((note - 69) / 12)

export function emptyCanvas(seconds: number): Canvas {
  const samples = Math.round(seconds * SAMPLE_RATE)
  return { left: new Float32Array(samples), right: new Float32Array(samples) }
}

/** Numbers from 0 to 1, the same row for the same seed (mulberry32), so that every demo set is the same to the byte. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Adds a note. What runs past the canvas's end sounds on at its beginning: a canvas can be looped without a seam. */
export function addNote(canvas: Canvas, voice: Voice, note: Note): void {
  const { left, right } = canvas
  const attack = Math.max(1, Math.round(voice.attackSeconds * SAMPLE_RATE))
  const release = Math.round(voice.releaseSeconds * SAMPLE_RATE)
  const held = Math.round(note.heldSeconds * SAMPLE_RATE)
  const decayPerSample = Math.exp(-1.1 / (voice.decaySeconds * SAMPLE_RATE))
  const step = (note.frequencyHz * WAVE_SAMPLES) / SAMPLE_RATE
  const leftGain = note.gain * Math.cos(((note.pan + 1) * Math.PI) / 4)
  const rightGain = note.gain * Math.sin(((note.pan + 1) * Math.PI) / 4)
  let at = Math.round(note.startSeconds * SAMPLE_RATE) % left.length
  let phase = 0
  let level = 1
  for (let n = 0; n < held + release; n++) {
    let amount = level
    if (n < attack) amount *= n / attack
    if (n > held) amount *= 1 - (n - held) / release
    const sample = voice.wave[phase | 0]! * amount
    left[at]! += sample * leftGain
    right[at]! += sample * rightGain
    level *= decayPerSample
    phase += step
    if (phase >= WAVE_SAMPLES) phase -= WAVE_SAMPLES
    if (++at === left.length) at = 0
  }
}

/** Two crossed echoes a little out of step: a room. */
export function addRoom(canvas: Canvas, amount: number): void {
  const { left, right } = canvas
  const leftDelay = Math.round(0.283 * SAMPLE_RATE)
  const rightDelay = Math.round(0.371 * SAMPLE_RATE)
  for (let n = rightDelay; n < left.length; n++) {
    left[n]! += amount * right[n - leftDelay]!
    right[n]! += amount * left[n - rightDelay]!
  }
}

/** Brings the highest peak to a level, in dBFS. Silence stays silence. */
export function normalise(canvas: Canvas, peakDbfs: number): void {
  let peak = 0
  for (const row of [canvas.left, canvas.right])
    for (let n = 0; n < row.length; n++) peak = Math.max(peak, Math.abs(row[n]!))
  if (peak === 0) return
  const gain = 10 ** (peakDbfs / 20) / peak
  for (const row of [canvas.left, canvas.right]) for (let n = 0; n < row.length; n++) row[n]! *= gain
}

/** Interleaved 16-bit little-endian samples, as ffmpeg's `s16le`. */
export function toPcm(canvas: Canvas): Buffer {
  const pcm = new Int16Array(canvas.left.length * 2)
  for (let n = 0; n < canvas.left.length; n++) {
    pcm[2 * n] = Math.max(-1, Math.min(1, canvas.left[n]!)) * 32767
    pcm[2 * n + 1] = Math.max(-1, Math.min(1, canvas.right[n]!)) * 32767
  }
  return Buffer.from(pcm.buffer)
}
