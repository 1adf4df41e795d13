/** The two filters of ITU-R BS.1770-4 (annex 1) at 48 kHz: the shelf of a head, then the high-pass. */
const SHELF = {
  b0: 1.53512485958697,
  b1: -2.69169618940638,
  b2: 1.19839281085285,
  a1: -1.69065929318241,
  a2: 0.73248077421585,
}
const HIGH_PASS = { b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621 }
const STAGES = [SHELF, HIGH_PASS]

/** How loud stereo is to an ear: the summed mean square of both sides, K-weighted. */
export class KWeighting {
  /** Two values of memory a stage and side. */
  private readonly memory = new Float64Array(STAGES.length * 4)

  /** Of `samples` interleaved pairs; what is no number counts as silence. */
  power(pairs: Float32Array, samples: number): number {
    let sum = 0
    for (let side = 0; side < 2; side++) {
      const at = side * STAGES.length * 2
      let s0 = this.memory[at]!
      let s1 = this.memory[at + 1]!
      let h0 = this.memory[at + 2]!
      let h1 = this.memory[at + 3]!
      for (let index = 0; index < samples; index++) {
        const input = pairs[index * 2 + side]!
        const x = Math.abs(input) <= 8 ? input : 0
        const y = SHELF.b0 * x + s0
        s0 = SHELF.b1 * x - SHELF.a1 * y + s1
        s1 = SHELF.b2 * x - SHELF.a2 * y
        const z = HIGH_PASS.b0 * y + h0
        h0 = HIGH_PASS.b1 * y - HIGH_PASS.a1 * z + h1
        h1 = HIGH_PASS.b2 * y - HIGH_PASS.a2 * z
        sum += z * z
      }
      this.memory.set([s0, s1, h0, h1], at)
    }
    return sum / samples
  }
}

export const lufsOfPower = (power: number): number => -0.691 + 10 * Math.log10(Math.max(power, 1e-12))
