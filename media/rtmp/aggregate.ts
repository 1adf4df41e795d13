import { MESSAGE, type RtmpMessage } from './message.ts'
import { RtmpError } from './rtmp-error.ts'

const TAG_HEADER_BYTES = 11

/**
 * The messages within an aggregate (RTMP 1.0, 7.1.6): FLV tags with headers of 11 bytes and a length of 4 after each. Their
 * timestamps count from the first one's, which stands for the aggregate's own. Throws an RtmpError when one is cut off.
 */
export function messagesOfAggregate(aggregate: RtmpMessage): RtmpMessage[] {
  const { body } = aggregate
  const messages: RtmpMessage[] = []
  let first: number | null = null
  for (let at = 0; at < body.length; ) {
    if (at + TAG_HEADER_BYTES > body.length) throw new RtmpError('command', 'aggregate message is cut off')
    const start = at + TAG_HEADER_BYTES
    const end = start + body.readUIntBE(at + 1, 3)
    if (end > body.length) throw new RtmpError('command', 'aggregate message is cut off')
    const time = body.readUIntBE(at + 4, 3) + body[at + 7]! * 0x1_00_00_00
    first ??= time
    const timestamp = (aggregate.timestamp + time - first + 0x1_0000_0000) % 0x1_0000_0000
    const type = body[at]!
    if (type !== MESSAGE.aggregate)
      messages.push({ type, streamId: aggregate.streamId, timestamp, body: Buffer.from(body.subarray(start, end)) })
    at = end + 4
  }
  return messages
}
