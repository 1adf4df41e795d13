/** What an AudioSpecificConfig says (ISO/IEC 14496-3, 1.6.2.1). The rate is the core's; SBR doubles what is heard. */
export type AudioSpecificConfig = {
  /** 2 is AAC-LC, also for the core of HE-AAC. */
  objectType: number
  sampleRate: number
  /** 1 to 8; 0 when a program config element within tells it. */
  channels: number
  frameSamples: 1024 | 960
  /** HE-AAC: spectral band replication, said by object type 5 or 29, or by the extension behind the core's config. */
  sbr: boolean
  /** HE-AAC v2: parametric stereo. */
  parametricStereo: boolean
}

const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
]
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8]
const SBR = 5
const PARAMETRIC_STEREO = 29
const GENERAL_AUDIO = new Set([1, 2, 3, 4, 6, 7])
const EXTENSION_SYNC = 0x2b7

/** Null when the bytes are none, or cut off. */
export function parseAudioSpecificConfig(bytes: Uint8Array): AudioSpecificConfig | null {
  const bits = new Bits(bytes)
  let objectType = readObjectType(bits)
  const sampleRate = readSampleRate(bits)
  const channels = CHANNELS[bits.read(4)]
  let sbr = objectType === SBR || objectType === PARAMETRIC_STEREO
  let parametricStereo = objectType === PARAMETRIC_STEREO
  if (sbr) {
    readSampleRate(bits)
    objectType = readObjectType(bits)
  }
  let frameSamples: 1024 | 960 = 1024
  if (GENERAL_AUDIO.has(objectType)) {
    if (bits.read(1) === 1) frameSamples = 960
    if (bits.read(1) === 1) bits.read(14)
    bits.read(1)
  }
  if (bits.past || objectType === 0 || sampleRate === 0 || channels === undefined) return null
  if (!sbr && bits.left >= 16 && bits.read(11) === EXTENSION_SYNC && readObjectType(bits) === SBR) {
    sbr = bits.read(1) === 1
    if (sbr) {
      readSampleRate(bits)
      parametricStereo = bits.left >= 12 && bits.read(11) === 0x548 && bits.read(1) === 1
    }
  }
  return { objectType, sampleRate, channels, frameSamples, sbr, parametricStereo }
}

function readObjectType(bits: Bits): number {
  const type = bits.read(5)
  return type === 31 ? 32 + bits.read(6) : type
}

function readSampleRate(bits: Bits): number {
  const index = bits.read(4)
  return index === 15 ? bits.read(24) : (SAMPLE_RATES[index] ?? 0)
}

/** Reads bits from the highest on; past the end they are zero, and `past` says so. */
class Bits {
  past = false
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length * 8 - this.#at
  }

  read(count: number): number {
    if (count > this.left) this.past = true
    let value = 0
    for (let index = 0; index < count; index++, this.#at++)
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1)
    return value
  }
}
