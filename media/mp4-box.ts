import { u24, u32 } from './bytes.ts'

/** A box (ISO/IEC 14496-12, 4.2): its size, its four-letter type, its content. */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const size = content.reduce((sum, part) => sum + part.length, 8)
  return Buffer.concat([u32(size), Buffer.from(type, 'latin1'), ...content])
}

/** A box that begins with a version and flags. */
export function fullBox(type: string, version: number, flags: number, ...content: readonly Uint8Array[]): Buffer {
  return box(type, Buffer.from([version]), u24(flags), ...content)
}
