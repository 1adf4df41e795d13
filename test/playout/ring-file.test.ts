import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RingFile } from '../../playout/spool/ring-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-ring-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const payload = (number: number): Buffer => Buffer.from(`frame ${number} `.repeat(5))

describe('the ring on disk', () => {
  it('gives back what it was given, and knows the newest after a restart', () => {
    const ring = new RingFile(join(folder, 'ring'), 8, 200)
    for (let number = 100; number < 105; number++) ring.put(number, payload(number))
    const again = new RingFile(join(folder, 'ring'), 8, 200)
    expect(again.newest()).toBe(104)
    expect(again.get(102)).toEqual(payload(102))
    expect(again.get(99)).toBeNull()
  })

  it('forgets the oldest when it comes round', () => {
    const ring = new RingFile(join(folder, 'ring'), 8, 200)
    for (let number = 0; number < 20; number++) ring.put(number, payload(number))
    expect(ring.get(11)).toBeNull()
    expect(ring.get(12)).toEqual(payload(12))
    expect(ring.newest()).toBe(19)
  })

  it('takes a record that a crash tore apart for absent', () => {
    const path = join(folder, 'ring')
    const ring = new RingFile(path, 8, 200)
    for (let number = 0; number < 6; number++) ring.put(number, payload(number))
    writeSync(openSync(path, 'r+'), Buffer.from('torn'), 0, 4, 5 * 216 + 20)
    const again = new RingFile(path, 8, 200)
    expect(again.newest()).toBe(4)
    expect(again.get(5)).toBeNull()
  })

  it('begins anew when its shape has changed', () => {
    new RingFile(join(folder, 'ring'), 8, 200).put(7, payload(7))
    expect(new RingFile(join(folder, 'ring'), 16, 200).newest()).toBeNull()
  })

  it('refuses a payload that would not fit', () => {
    expect(() => new RingFile(join(folder, 'ring'), 8, 200).put(1, Buffer.alloc(201))).toThrow('too long')
  })
})
