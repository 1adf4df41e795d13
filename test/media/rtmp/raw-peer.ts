import { randomBytes } from 'node:crypto'
import type { AmfValue } from '../../../media/rtmp/amf0.ts'
import { encodeAmf0 } from '../../../media/rtmp/amf0-encode.ts'
import { ChunkWriter } from '../../../media/rtmp/chunk-writer.ts'
import { MESSAGE } from '../../../media/rtmp/message.ts'

/** C0, C1 and C2 of a simple handshake, all at once: a client that waits for nothing. */
export function hastyHandshake(): Buffer {
  return Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(1528, 1), Buffer.alloc(1536, 2)])
}

/** A peer that says whatever a test wants it to say, right or wrong. */
export class RawPeer {
  readonly #writer = new ChunkWriter()

  command(streamId: number, ...values: AmfValue[]): Buffer {
    return this.message(MESSAGE.commandAmf0, streamId, encodeAmf0(values))
  }

  message(type: number, streamId: number, body: Buffer, timestampMs = 0, chunkStream = 3): Buffer {
    return this.#writer.encode(chunkStream, type, streamId, timestampMs, body)
  }

  audio(timestampMs: number, body: Buffer = Buffer.concat([Buffer.from([0xaf, 1]), randomBytes(200)])): Buffer {
    return this.message(MESSAGE.audio, 1, body, timestampMs, 4)
  }

  connect(options: AmfValue = { app: 'live', tcUrl: 'rtmp://127.0.0.1/live' }): Buffer {
    return this.command(0, 'connect', 1, options)
  }

  /** Everything up to the publish command, as an impatient encoder sends it. */
  toPublish(stream: AmfValue = 'high?key=k'): Buffer {
    const words = [
      this.connect(),
      this.command(0, 'releaseStream', 2, null, stream),
      this.command(0, 'FCPublish', 3, null, stream),
      this.command(0, 'createStream', 4, null),
      this.command(1, 'publish', 5, null, stream, 'live'),
    ]
    return Buffer.concat([hastyHandshake(), ...words])
  }
}
