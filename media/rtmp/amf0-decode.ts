import { isUtf8 } from 'node:buffer'
import { decodeText } from '../text-encoding.ts'
import { AMF0, type AmfObject, type AmfValue } from './amf0.ts'
import type { RtmpLimits } from './limits.ts'
import { RtmpError } from './rtmp-error.ts'

const GUESSED_BYTES_MAX = 2_048

export type AmfLimits = Pick<RtmpLimits, 'amfDepthMax' | 'amfValuesMax' | 'amfStringBytesMax'>

/**
 * All values of a message body. A missing object end before the end of the body is tolerated, as some encoders leave it out.
 * Throws an RtmpError of kind `amf` on anything truncated, unknown or over a limit; never allocates by an announced length.
 */
export function decodeAmf0(bytes: Buffer, limits: AmfLimits): AmfValue[] {
  const decoder = new Decoder(bytes, limits)
  const values: AmfValue[] = []
  while (!decoder.atEnd()) values.push(decoder.value(0))
  return values
}

class Decoder {
  readonly #bytes: Buffer
  readonly #limits: AmfLimits
  #at = 0
  #values = 0

  constructor(bytes: Buffer, limits: AmfLimits) {
    this.#bytes = bytes
    this.#limits = limits
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  value(depth: number): AmfValue {
    if (depth > this.#limits.amfDepthMax)
      throw new RtmpError('amf', `AMF is nested deeper than ${this.#limits.amfDepthMax}`)
    if (++this.#values > this.#limits.amfValuesMax)
      throw new RtmpError('amf', `AMF message has more than ${this.#limits.amfValuesMax} values`)
    const marker = this.#bytes[this.#take(1)]!
    switch (marker) {
      case AMF0.number:
        return this.#bytes.readDoubleBE(this.#take(8))
      case AMF0.boolean:
        return this.#bytes[this.#take(1)] !== 0
      case AMF0.string:
        return this.#string(this.#bytes.readUInt16BE(this.#take(2)))
      case AMF0.longString:
      case AMF0.xmlDocument:
        return this.#string(this.#bytes.readUInt32BE(this.#take(4)))
      case AMF0.null:
        return null
      case AMF0.undefined:
      case AMF0.unsupported:
        return undefined
      case AMF0.object:
        return this.#properties(depth)
      case AMF0.typedObject:
        this.#string(this.#bytes.readUInt16BE(this.#take(2)))
        return this.#properties(depth)
      case AMF0.ecmaArray:
        // The announced count is often 0 or wrong; the end marker rules.
        this.#take(4)
        return this.#properties(depth)
      case AMF0.strictArray:
        return this.#items(depth)
      case AMF0.date:
        return this.#date()
      default:
        throw new RtmpError('amf', `AMF marker 0x${marker.toString(16)} is not supported`)
    }
  }

  #properties(depth: number): AmfObject {
    // Without a prototype: a property called __proto__ is then a property like any other.
    const object: AmfObject = Object.create(null)
    while (!this.atEnd()) {
      const name = this.#string(this.#bytes.readUInt16BE(this.#take(2)))
      if (name === '' && this.#bytes[this.#at] === AMF0.objectEnd) {
        this.#at += 1
        break
      }
      object[name] = this.value(depth + 1)
    }
    return object
  }

  #items(depth: number): AmfValue[] {
    const count = this.#bytes.readUInt32BE(this.#take(4))
    const items: AmfValue[] = []
    for (let index = 0; index < count; index++) items.push(this.value(depth + 1))
    return items
  }

  #date(): Date {
    const ms = this.#bytes.readDoubleBE(this.#take(8))
    this.#take(2)
    return new Date(ms)
  }

  #string(length: number): string {
    if (length > this.#limits.amfStringBytesMax)
      throw new RtmpError('amf', `AMF string of ${length} bytes, limit ${this.#limits.amfStringBytesMax}`)
    const start = this.#take(length)
    const bytes = this.#bytes.subarray(start, start + length)
    // AMF0 is UTF-8, which some encoders do not know. To guess what it is instead takes time: not for a book.
    return isUtf8(bytes) || length > GUESSED_BYTES_MAX ? bytes.toString('utf8') : decodeText(bytes)
  }

  /** Moves on by so many bytes and answers where they begin. */
  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw new RtmpError('amf', 'AMF is cut off')
    this.#at = start + length
    return start
  }
}
