/** Decoded audio: one array of samples in [-1, 1] a channel, all of the same length. */
export type Pcm = { sampleRate: number; channels: Float32Array[] }

/** A stretch of samples, the end exclusive. */
export type Span = { fromSample: number; toSample: number }

export const lengthOf = (pcm: Pcm): number => pcm.channels[0]?.length ?? 0
export const secondsOf = (pcm: Pcm): number => lengthOf(pcm) / pcm.sampleRate

/** Interleaved 32-bit little-endian floats, as ffmpeg writes them with `-f f32le`. A trailing part of a sample is dropped. */
export function pcmFromFloats(bytes: Buffer, sampleRate: number, channelCount: number): Pcm {
  const length = Math.floor(bytes.length / (4 * channelCount))
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(new Uint8Array(bytes))
  const floats = new Float32Array(aligned.buffer, aligned.byteOffset, length * channelCount)
  const channels = Array.from({ length: channelCount }, (_, channel) => {
    const samples = new Float32Array(length)
    for (let i = 0; i < length; i++) samples[i] = floats[i * channelCount + channel]!
    return samples
  })
  return { sampleRate, channels }
}

/** The inverse of {@link pcmFromFloats}. */
export function floatsOfPcm(pcm: Pcm): Buffer {
  const length = lengthOf(pcm)
  const count = pcm.channels.length
  const floats = new Float32Array(length * count)
  pcm.channels.forEach((samples, channel) => {
    for (let i = 0; i < length; i++) floats[i * count + channel] = samples[i]!
  })
  return Buffer.from(floats.buffer)
}

/** The mean of all channels: what the tone tools look at. */
export function monoOf(pcm: Pcm): Float32Array {
  if (pcm.channels.length === 1) return pcm.channels[0]!
  const mono = new Float32Array(lengthOf(pcm))
  for (const samples of pcm.channels)
    for (let i = 0; i < mono.length; i++) mono[i]! += samples[i]! / pcm.channels.length
  return mono
}

/** A view of a part; positions beyond the ends are cut off. */
export const sliceOf = (pcm: Pcm, fromSample: number, toSample: number): Pcm => ({
  sampleRate: pcm.sampleRate,
  channels: pcm.channels.map((samples) => samples.subarray(Math.max(0, fromSample), Math.max(0, toSample))),
})

/** Amplitude (1 is full scale) in dBFS; silence is -Infinity. */
export const dbOf = (amplitude: number): number => 20 * Math.log10(amplitude)
