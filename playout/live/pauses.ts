/** Quieter than -55 dB of full scale, over 10 ms, is a pause. */
const PAUSE_POWER = 10 ** -5.5
const STEP_PAIRS = 480

/** For how many pairs, from its beginning on, interleaved stereo is a pause. */
export function pauseAhead(audio: Float32Array): number {
  const pairs = audio.length / 2
  for (let at = 0; at < pairs; at += STEP_PAIRS) {
    const until = Math.min(pairs, at + STEP_PAIRS)
    let energy = 0
    for (let index = at * 2; index < until * 2; index++) energy += audio[index]! ** 2
    if (!(energy < PAUSE_POWER * (until - at) * 2)) return at
  }
  return pairs
}
