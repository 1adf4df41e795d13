import { ADTS_FRAME_BYTES_MAX, ADTS_HEADER_BYTES, readAdtsHeader } from './adts.ts'

export type AdtsSplitter = {
  /** Takes the next bytes, in pieces of any size. */
  push(bytes: Buffer): void
  /** How often the row of headers broke. */
  readonly errors: number
}

/**
 * Cuts an ADTS byte stream (an encoder's standard output) into raw access units, each handed on as a copy as soon as it is whole.
 * After garbage it takes up again only where two headers stand one frame length apart. It never holds more than two frames' bytes.
 */
export function createAdtsSplitter(onUnit: (unit: Buffer) => void): AdtsSplitter {
  let held: Buffer = Buffer.alloc(0)
  let inStep = true
  let errors = 0

  const lose = (): void => {
    if (inStep) errors += 1
    inStep = false
  }

  return {
    push(bytes) {
      const input = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      let at = 0
      while (input.length - at >= ADTS_HEADER_BYTES) {
        const header = readAdtsHeader(input, at)
        if (!header) {
          lose()
          at = nextCandidate(input, at + 1)
          continue
        }
        const end = at + header.frameBytes
        if (end + (inStep ? 0 : ADTS_HEADER_BYTES) > input.length) break
        if (!inStep && !readAdtsHeader(input, end)) {
          at = nextCandidate(input, at + 1)
          continue
        }
        inStep = true
        onUnit(Buffer.from(input.subarray(at + header.headerBytes, end)))
        at = end
      }
      held = Buffer.from(input.subarray(at))
      if (held.length > ADTS_FRAME_BYTES_MAX + ADTS_HEADER_BYTES) throw new Error('the ADTS splitter holds too much')
    },
    get errors() {
      return errors
    },
  }
}

function nextCandidate(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(0xff, from)
  return at < 0 ? bytes.length : at
}
