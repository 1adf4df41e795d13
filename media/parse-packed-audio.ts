import { FormatError } from './format-error.ts'
import { parseAdts } from './parse-adts.ts'
import { type Id3Tag, parseId3, startsWithId3 } from './parse-id3.ts'

export type PackedAudio = { timestamp: number; tags: Id3Tag[]; units: Uint8Array[]; channels: number }

/** Takes a packed audio segment apart. Throws a {@link FormatError} without a timestamp (RFC 8216, 3.4), or when something is cut off. */
export function parsePackedAudio(bytes: Buffer): PackedAudio {
  const tags: Id3Tag[] = []
  let at = 0
  while (startsWithId3(bytes, at)) {
    const tag = parseId3(bytes, at)
    tags.push(tag)
    at += tag.bytes
  }
  const timestamp = tags.find((tag) => tag.timestamp !== null)?.timestamp
  if (timestamp === null || timestamp === undefined) throw new FormatError('packed audio without its ID3 timestamp')
  return { timestamp, tags, ...parseAdts(bytes.subarray(at)) }
}
