import type { AmfValue } from '../../../media/rtmp/amf0.ts'
import { decodeAmf0 } from '../../../media/rtmp/amf0-decode.ts'
import { ChunkReader } from '../../../media/rtmp/chunk-reader.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { MESSAGE, type RtmpMessage } from '../../../media/rtmp/message.ts'

/** What a server wrote, from its first byte on: the messages behind the handshake. */
export class Answers {
  readonly messages: RtmpMessage[] = []
  readonly #reader = new ChunkReader(RTMP_LIMITS)
  #handshakeLeft = 1 + 2 * 1536

  add(bytes: Buffer | null): this {
    if (!bytes) return this
    const skipped = Math.min(this.#handshakeLeft, bytes.length)
    this.#handshakeLeft -= skipped
    this.#reader.append(bytes.subarray(skipped))
    for (let message = this.#reader.next(); message; message = this.#reader.next()) this.messages.push(message)
    return this
  }

  get commands(): AmfValue[][] {
    return this.messages
      .filter(({ type }) => type === MESSAGE.commandAmf0)
      .map(({ body }) => decodeAmf0(body, RTMP_LIMITS))
  }

  /** The codes of all status messages, in order. */
  get statusCodes(): AmfValue[] {
    return this.commands.filter(([name]) => name === 'onStatus').map((values) => (values[3] as { code: string }).code)
  }

  bodiesOf(type: number): Buffer[] {
    return this.messages.filter((message) => message.type === type).map(({ body }) => body)
  }
}
