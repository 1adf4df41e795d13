/** Big-endian integers as byte strings, to be concatenated. Each throws a RangeError when the value does not fit. */
export function u8(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(1)
  bytes.writeUInt8(value)
  return bytes
}

export function u16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function u24(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(3)
  bytes.writeUIntBE(value, 0, 3)
  return bytes
}

export function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Any integer up to 2^53. */
export function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
