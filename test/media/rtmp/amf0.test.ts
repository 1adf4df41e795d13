import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AmfValue } from '../../../media/rtmp/amf0.ts'
import { decodeAmf0 } from '../../../media/rtmp/amf0-decode.ts'
import { encodeAmf0 } from '../../../media/rtmp/amf0-encode.ts'
import { RTMP_LIMITS } from '../../../media/rtmp/limits.ts'
import { RtmpError } from '../../../media/rtmp/rtmp-error.ts'

const values = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.string({ unit: 'grapheme' }),
    fc.constant(null),
    fc.constant(undefined),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 5 }),
    // An empty property name is the end mark of an object, and so can't be one.
    fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 5, noNullPrototype: false }),
  ),
})).value

const decode = (bytes: Buffer): AmfValue[] => decodeAmf0(bytes, RTMP_LIMITS)

describe('AMF0', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 6 }), (row) => {
        expect(decode(encodeAmf0(row))).toEqual(row)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('reads a long string where 65,535 bytes are not enough, and refuses one over the limit', () => {
    const long = 'x'.repeat(65_536)
    expect(encodeAmf0([long])[0]).toBe(0x0c)
    expect(decode(encodeAmf0([long]))).toEqual([long])
    expect(() => decode(encodeAmf0([`${long}x`]))).toThrow('AMF string of 65537 bytes, limit 65536')
  })

  it('reads ECMA arrays whose count is wrong, typed objects, and objects that lack their end', () => {
    const property = Buffer.from('000161003ff0000000000000', 'hex')
    const end = Buffer.from('000009', 'hex')
    expect(decode(Buffer.concat([Buffer.from('0800000063', 'hex'), property, end]))).toEqual([{ a: 1 }])
    expect(decode(Buffer.concat([Buffer.from('10000143', 'hex'), property, end]))).toEqual([{ a: 1 }])
    expect(decode(Buffer.concat([Buffer.from('03', 'hex'), property]))).toEqual([{ a: 1 }])
  })

  it('keeps a property called __proto__ as a property', () => {
    const evil = Buffer.from([3, 0, 9, ...Buffer.from('__proto__'), 3, 0, 1, 0x78, 1, 1, 0, 0, 9, 0, 0, 9])
    const [object] = decode(evil) as [Record<string, unknown>]
    expect(Object.keys(object)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('refuses a string that announces a gigabyte, and an array that announces four thousand million items', () => {
    expect(() => decode(Buffer.from('0c40000000', 'hex'))).toThrow('AMF string of 1073741824 bytes')
    expect(() => decode(Buffer.from('0affffffff', 'hex'))).toThrow('AMF is cut off')
    expect(() => decode(Buffer.concat([Buffer.from('0affffffff', 'hex'), Buffer.alloc(5_000, 5)]))).toThrow(
      'more than 1024 values',
    )
  })

  it('refuses nesting without end', () => {
    const nested = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from('0a00000001', 'hex')))
    expect(() => decode(nested)).toThrow('nested deeper than 16')
  })

  it('answers any bytes with values or an RtmpError, never with anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decode(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RtmpError)
        }
      }),
      { seed: 2, numRuns: 2_000 },
    )
  })

  it('refuses every cut of a valid message that is not between two values', () => {
    const row = ['connect', 1, { app: 'live', tcUrl: 'rtmp://a/live', nested: [true, null] }]
    const bytes = encodeAmf0(row)
    for (let length = 0; length < bytes.length; length++) {
      try {
        expect(row.slice(0, 2)).toEqual(expect.arrayContaining(decode(bytes.subarray(0, length)).slice(0, 2)))
      } catch (error) {
        if (!(error instanceof RtmpError)) throw error
        expect(error.message).toBe('AMF is cut off')
      }
    }
  })
})
