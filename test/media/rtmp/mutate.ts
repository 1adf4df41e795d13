import type { SeededRandom } from './seeded-random.ts'

/** Some of a valid conversation's bytes changed, doubled, lost, cut off or overwritten, as noise and malice do it. */
export function mutate(valid: Buffer, random: SeededRandom): Buffer {
  let bytes = Buffer.from(valid)
  for (let count = 1 + random.below(6); count > 0 && bytes.length > 0; count--) {
    const at = random.below(bytes.length)
    const length = 1 + random.below(24)
    switch (random.below(6)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8)
        break
      case 1:
        bytes[at] = [0, 1, 2, 0x7f, 0x80, 0xff][random.below(6)]!
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
        break
      case 4:
        random.bytes(Math.min(length, bytes.length - at)).copy(bytes, at)
        break
      default:
        bytes = bytes.subarray(0, at)
    }
  }
  return bytes
}
