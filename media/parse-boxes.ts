import { FormatError } from './format-error.ts'

export type Box = { type: string; body: Buffer }

/** The boxes that lie side by side in a piece of an MP4 file, their bodies as views. Throws a {@link FormatError} when one does not end within. */
export function parseBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw new FormatError(`a box is cut off at byte ${at}`)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const size = bytes.readUInt32BE(at)
    if (size < 8 || at + size > bytes.length)
      throw new FormatError(`the box '${type}' at byte ${at} says ${size} bytes`)
    boxes.push({ type, body: bytes.subarray(at + 8, at + size) })
    at += size
  }
  return boxes
}

/** The only box of its type. Throws a {@link FormatError} when there is none, or more than one. */
export function onlyBox(boxes: readonly Box[], type: string): Buffer {
  const found = boxes.filter((box) => box.type === type)
  if (found.length !== 1) throw new FormatError(`${found.length} boxes '${type}' where there must be one`)
  return found[0]!.body
}
