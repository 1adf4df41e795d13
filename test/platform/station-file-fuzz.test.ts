import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadStationFile } from '../../platform/station-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'airtight-station-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'station.yaml')
const example = readFileSync(join(import.meta.dirname, '../../deploy/station.example.yaml'), 'utf8')

/** Every place in a document, as the steps to it. */
function placesIn(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [at]
  return [
    at,
    ...Object.entries(value).flatMap(([name, child]) =>
      placesIn(child, [...at, Array.isArray(value) ? Number(name) : name]),
    ),
  ]
}
function replaced(document: unknown, place: readonly (string | number)[], by: unknown): unknown {
  const [step, ...rest] = place
  if (step === undefined) return by
  const copy = structuredClone(document) as Record<string | number, unknown>
  copy[step] = replaced(copy[step], rest, by)
  return copy
}

const places = placesIn(parse(example))
const oddValues = fc.oneof(
  fc.constantFrom(null, true, '', '25:00', '24:00', 'tues', -1, 0.5, 1e9, [], {}, [[]], { folder: 'a', file: 'b' }),
  fc.constantFrom(
    { name: 5 },
    ['mon', 'x'],
    { everyHour: '00:00' },
    { time: 'noon' },
    [{ id: 'A' }],
    '__proto__',
    'constructor',
  ),
  fc.string(),
  fc.double({ noNaN: false }),
  fc.jsonValue({ maxDepth: 3 }),
)

it('whatever stands anywhere in the example, it loads or is refused in words of ours that name the place', () => {
  fc.assert(
    fc.property(fc.constantFrom(...places), oddValues, (place, value) => {
      writeFileSync(path, stringify(replaced(parse(example), place, value)))
      const loaded = loadStationFile(path)
      if (loaded.ok) return
      expect(loaded.problems.length).toBeGreaterThan(0)
      for (const problem of loaded.problems) {
        expect(problem).toMatch(/^.+: ./s)
        // The validator's own words: must be string, schema is false, must match a schema in anyOf.
        expect(problem).not.toMatch(/: (must |schema is false)/)
        expect(problem).not.toMatch(/undefined|\[object/)
      }
    }),
    { seed: 20_260_329, numRuns: 250 },
  )
})

it('whatever bytes a file holds, it is read to the end without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(example.length), (bytes, at) => {
      writeFileSync(path, Buffer.concat([Buffer.from(example.slice(0, at)), bytes]))
      const loaded = loadStationFile(path)
      if (!loaded.ok) expect(loaded.problems.length).toBeGreaterThan(0)
    }),
    { seed: 20_261_025, numRuns: 100 },
  )
})
