import { AMF0, type AmfValue } from './amf0.ts'

/**
 * The values one after another, as the body of a command or data message.
 * Strings above 65,535 bytes become long strings. Throws a RangeError on a property name longer than that.
 */
export function encodeAmf0(values: readonly AmfValue[]): Buffer {
  const parts: Buffer[] = []
  for (const value of values) encodeValue(value, parts)
  return Buffer.concat(parts)
}

const OBJECT_END = Buffer.from([0, 0, AMF0.objectEnd])

function encodeValue(value: AmfValue, parts: Buffer[]): void {
  if (value === undefined) parts.push(Buffer.from([AMF0.undefined]))
  else if (value === null) parts.push(Buffer.from([AMF0.null]))
  else if (typeof value === 'boolean') parts.push(Buffer.from([AMF0.boolean, value ? 1 : 0]))
  else if (typeof value === 'number') parts.push(double(AMF0.number, value, 0))
  else if (typeof value === 'string') encodeString(value, parts)
  else if (value instanceof Date) parts.push(double(AMF0.date, value.getTime(), 2))
  else if (Array.isArray(value)) {
    const head = Buffer.from([AMF0.strictArray, 0, 0, 0, 0])
    head.writeUInt32BE(value.length, 1)
    parts.push(head)
    for (const item of value) encodeValue(item, parts)
  } else {
    parts.push(Buffer.from([AMF0.object]))
    for (const name of Object.keys(value)) {
      const text = Buffer.from(name, 'utf8')
      if (text.length > 0xffff) throw new RangeError(`AMF property name of ${text.length} bytes, limit 65535`)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(text.length)
      parts.push(length, text)
      encodeValue(value[name], parts)
    }
    parts.push(OBJECT_END)
  }
}

function encodeString(value: string, parts: Buffer[]): void {
  const text = Buffer.from(value, 'utf8')
  const long = text.length > 0xffff
  const head = Buffer.alloc(long ? 5 : 3)
  head[0] = long ? AMF0.longString : AMF0.string
  if (long) head.writeUInt32BE(text.length, 1)
  else head.writeUInt16BE(text.length, 1)
  parts.push(head, text)
}

/** A marker, a double, and zero bytes after it (a date ends with a time zone that must be 0). */
function double(marker: number, value: number, trailing: number): Buffer {
  const bytes = Buffer.alloc(9 + trailing)
  bytes[0] = marker
  bytes.writeDoubleBE(value, 1)
  return bytes
}
