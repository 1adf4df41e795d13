import { describe, expect, it } from 'vitest'
import { RenditionStore } from '../../../agents/slicer/store/rendition-store.ts'
import { SegmentSlot } from '../../../agents/slicer/store/segment-slot.ts'
import { hashOfUnits } from '../../../media/frame-bundle.ts'
import { markerOf, unitOf } from './fake-playout.ts'

const high = { id: 'high', bitrateKbps: 128, channels: 2 as const }
const units = Array.from({ length: 188 }, (_, index) => unitOf('high', 188 * 7 + index))

describe('a segment as it gathers', () => {
  it('is the same whatever the order in which its frames and its marker come', () => {
    const orders = [units.map((_, index) => index), units.map((_, index) => 187 - index)]
    for (const order of orders) {
      const slot = new SegmentSlot(7, Buffer.alloc(100))
      slot.marker = markerOf('high', 7, 1)
      for (const index of order) {
        expect(slot.isSealed).toBe(false)
        expect(slot.put(index, units[index]!)).toBe('taken')
        slot.settle()
      }
      expect(slot.isSealed).toBe(true)
      expect(hashOfUnits(slot.units())).toBe(slot.marker.sha256)
    }
  })

  it('keeps what it has: the same frame again is nothing new, another one is disputed', () => {
    const slot = new SegmentSlot(7, Buffer.alloc(100))
    slot.put(3, units[3]!)
    expect([slot.put(3, units[3]!), slot.put(3, units[4]!)]).toEqual(['same', 'differs'])
    expect(slot.unit(3)).toEqual(units[3])
  })

  it('that is not what its marker says is disputed, and settled by one that is', () => {
    const slot = new SegmentSlot(7, Buffer.alloc(100))
    for (const [index, unit] of units.entries()) slot.put(index, index === 50 ? Buffer.from('damaged') : unit)
    slot.marker = markerOf('high', 7, 1)
    slot.settle()
    expect(slot.state).toBe('disputed')
    expect(slot.replaceIfTrue([...units].reverse(), slot.marker)).toBe(false)
    expect(slot.replaceIfTrue(units, slot.marker)).toBe(true)
    expect(slot.unit(50)).toEqual(units[50])
    expect(slot.replaceIfTrue(units, slot.marker)).toBe(false)
  })
})

describe('a rendition’s frames', () => {
  it('are bounded: the oldest segments go, and do not come back', () => {
    const store = new RenditionStore(high, 10)
    for (let segment = 0; segment < 100; segment += 1) store.put(188 * segment, Buffer.from([1]))
    const held = Array.from({ length: 100 }, (_, segment) => segment).filter((segment) => store.slot(segment))
    expect(held).toEqual(Array.from({ length: 14 }, (_, index) => 86 + index))
    expect(store.put(188 * 50, Buffer.from([1]))).toBe(false)
    expect(store.newestFrame).toBe(188 * 99)
  })

  it('are true though the memory of segments that are gone is used again', () => {
    const store = new RenditionStore(high, 2)
    for (let segment = 0; segment < 12; segment += 1) {
      const order = Array.from({ length: 188 }, (_, index) => (segment % 3 === 0 ? 187 - index : index))
      for (const index of order) store.put(188 * segment + index, unitOf('high', 188 * segment + index))
      store.mark(markerOf('high', segment, 1))
    }
    for (let segment = 6; segment < 12; segment += 1) {
      expect(store.isSealed(segment)).toBe(true)
      expect(hashOfUnits(store.slot(segment)!.units())).toBe(markerOf('high', segment, 1).sha256)
    }
  })

  it('stay as they are once sealed, whatever a later marker says', () => {
    const store = new RenditionStore(high, 10)
    for (const [index, unit] of units.entries()) store.put(188 * 7 + index, unit)
    store.mark(markerOf('high', 7, 1))
    expect(store.isSealed(7)).toBe(true)
    store.mark({ ...markerOf('high', 7, 2), sha256: '0'.repeat(64) })
    expect(store.slot(7)?.marker?.generation).toBe(1)
  })

  it('a marker of a later generation replaces an earlier one, and never the other way round', () => {
    const store = new RenditionStore(high, 10)
    store.mark(markerOf('high', 7, 2))
    store.mark(markerOf('high', 7, 1))
    expect(store.slot(7)?.marker?.generation).toBe(2)
    store.mark(markerOf('high', 7, 3))
    expect(store.slot(7)?.marker?.generation).toBe(3)
  })

  it('are not handed out while they are disputed', () => {
    const store = new RenditionStore(high, 10)
    for (const [index, unit] of units.entries()) store.put(188 * 7 + index, unit)
    expect(store.unit(188 * 7)).toEqual(units[0])
    store.mark({ ...markerOf('high', 7, 1), sha256: '0'.repeat(64) })
    expect(store.unit(188 * 7)).toBeUndefined()
  })

  it('one that no packaging can hold is not taken', () => {
    const store = new RenditionStore(high, 10)
    expect([store.put(5, Buffer.alloc(0)), store.put(5, Buffer.alloc(65_536))]).toEqual([false, false])
  })
})
