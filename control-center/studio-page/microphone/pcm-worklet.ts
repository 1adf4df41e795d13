/**
 * Runs on the audio thread: cuts what the microphone gives into 20 ms of interleaved 16-bit PCM with four bytes of room before it, and
 * measures it. The PCM goes straight to the sender's thread, so that a busy page holds nothing up.
 */
class PcmCutter extends AudioWorkletProcessor {
  readonly #channels: number
  readonly #frames = Math.round(sampleRate / 50)
  #sender: MessagePort | null = null
  #buffer: ArrayBuffer
  #filled = 0
  #peak = 0
  #squares = 0
  #isOpen = true

  constructor({ processorOptions }: { processorOptions: { channels: number } }) {
    super()
    this.#channels = processorOptions.channels
    this.#buffer = this.#newBuffer()
    this.port.onmessage = ({ data }: MessageEvent<{ sender: MessagePort } | 'close'>) => {
      if (data === 'close') this.#isOpen = false
      else this.#sender = data.sender
    }
  }

  process([input]: Float32Array[][]): boolean {
    const first = input?.[0]
    if (first === undefined) return this.#isOpen
    const second = input![1] ?? first
    let samples = new Int16Array(this.#buffer, 4)
    for (let at = 0; at < first.length; at += 1) {
      const left = first[at]!
      const right = second[at]!
      const into = this.#filled * this.#channels
      if (this.#channels === 2) {
        samples[into] = toInteger(left)
        samples[into + 1] = toInteger(right)
        this.#measure(left)
        this.#measure(right)
      } else {
        const middle = input!.length > 1 ? (left + right) / 2 : left
        samples[into] = toInteger(middle)
        this.#measure(middle)
      }
      this.#filled += 1
      if (this.#filled === this.#frames) {
        this.#hand()
        samples = new Int16Array(this.#buffer, 4)
      }
    }
    return this.#isOpen
  }

  #measure(sample: number): void {
    this.#peak = Math.max(this.#peak, Math.abs(sample))
    this.#squares += sample * sample
  }

  #hand(): void {
    const rms = Math.sqrt(this.#squares / (this.#frames * this.#channels))
    this.port.postMessage({ peak: this.#peak, rms })
    this.#sender?.postMessage(this.#buffer, [this.#buffer])
    this.#buffer = this.#newBuffer()
    this.#filled = 0
    this.#peak = 0
    this.#squares = 0
  }

  #newBuffer(): ArrayBuffer {
    return new ArrayBuffer(4 + this.#frames * this.#channels * 2)
  }
}

const toInteger = (sample: number): number => Math.round(Math.min(1, Math.max(-1, sample)) * 32_767)

registerProcessor('pcm-cutter', PcmCutter as never)
