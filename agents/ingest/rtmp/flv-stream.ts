import { parseFlvAudio } from '../../../media/flv-audio.ts'
import { aacFormat, mp3Format } from './audio-format.ts'

/** What becomes of one audio message. */
export type FlvStep =
  /** Another stream begins: what a decoder must see first, and the message itself where it holds sound. */
  | { step: 'begin'; head: Buffer; tag: Buffer | null; format: string }
  | { step: 'sound'; tag: Buffer }
  /** Nothing for the decoder; the sentence says what is odd, when something is. */
  | { step: 'leave'; problem: string | null }

const FLV_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 4, 0, 0, 0, 9, 0, 0, 0, 0])
const AUDIO_TAG = 8
/** What a decoder counts by matters to nobody: it only has to rise. */
const TAG_MS = 20

/**
 * The audio of an RTMP publication as FLV streams for a decoder: another one whenever codec or configuration change. Messages are taken in order
 * of arrival; the sender's timestamps are not used.
 */
export class FlvStream {
  /** What the present stream is made of: sequence header, or first byte and format. */
  #kind: string | null = null
  #tags = 0

  take(body: Uint8Array): FlvStep {
    const audio = parseFlvAudio(body)
    switch (audio.kind) {
      case 'aac-config':
        return this.#continue(`aac ${Buffer.from(audio.bytes).toString('hex')}`, body, null, aacFormat(audio.config))
      case 'aac-frame':
        if (this.#kind?.startsWith('aac ')) return { step: 'sound', tag: this.#tag(body) }
        return { step: 'leave', problem: 'AAC comes without the configuration that should go before it.' }
      case 'mp3': {
        const format = mp3Format(audio.frame)
        // A frame may be cut in two messages: what does not begin one goes on with the last.
        if (format === null && this.#kind?.startsWith('mp3 ')) return { step: 'sound', tag: this.#tag(body) }
        return this.#continue(`mp3 ${format}`, null, body, format ?? 'MP3')
      }
      case 'other':
        if (audio.codec.startsWith('enhanced RTMP'))
          return { step: 'leave', problem: `${audio.codec} audio is not taken: set the encoder to AAC.` }
        return this.#continue(`other ${body[0]}`, null, body, audio.codec)
      case 'invalid':
        return { step: 'leave', problem: `Part of the audio makes no sense: ${audio.reason}.` }
    }
  }

  #continue(kind: string, config: Uint8Array | null, sound: Uint8Array | null, format: string): FlvStep {
    if (kind === this.#kind) return sound ? { step: 'sound', tag: this.#tag(sound) } : { step: 'leave', problem: null }
    this.#kind = kind
    this.#tags = 0
    const head = config ? Buffer.concat([FLV_HEADER, this.#tag(config)]) : FLV_HEADER
    return { step: 'begin', head, tag: sound && this.#tag(sound), format }
  }

  /** FLV 10.1, E.4.1: type, size, timestamp (its highest byte last), stream id, body, size of all that. */
  #tag(body: Uint8Array): Buffer {
    const timestamp = (this.#tags++ * TAG_MS) % 2 ** 31
    const tag = Buffer.allocUnsafe(11 + body.length + 4)
    tag[0] = AUDIO_TAG
    tag.writeUIntBE(body.length, 1, 3)
    tag.writeUIntBE(timestamp & 0xff_ffff, 4, 3)
    tag[7] = timestamp >> 24
    tag.writeUIntBE(0, 8, 3)
    tag.set(body, 11)
    tag.writeUInt32BE(11 + body.length, 11 + body.length)
    return tag
  }
}
