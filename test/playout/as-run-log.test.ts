import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleAtMs } from '../../media/timeline.ts'
import { AsRunLog } from '../../playout/as-run/as-run-log.ts'
import type { AsRunEntry } from '../../schemas/rundown.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-as-run-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const entry = (itemId: string, iso: string): AsRunEntry => {
  const startSample = sampleAtMs(Date.parse(iso))
  return {
    itemId,
    kind: 'music',
    rung: 'scheduled',
    title: itemId,
    artist: '',
    startSample,
    endSample: startSample + 48_000,
    plannedStartSample: startSample,
    reason: 'Rotation.',
    generation: 1,
  }
}
const ids = (entries: AsRunEntry[]): string[] => entries.map(({ itemId }) => itemId)

describe('the as-run log', () => {
  it('files an item under the day of its start in the station’s zone', () => {
    const log = new AsRunLog(folder, 'Europe/Berlin')
    log.append(entry('before midnight', '2026-03-28T22:59:59.999Z'))
    log.append(entry('after midnight', '2026-03-28T23:00:00Z'))
    expect(log.flush()).toBeNull()
    const again = new AsRunLog(folder, 'Europe/Berlin')
    expect(ids(again.ofDay('2026-03-28'))).toEqual(['before midnight'])
    expect(ids(again.ofDay('2026-03-29'))).toEqual(['after midnight'])
    expect(ids(again.since(0))).toEqual(['before midnight', 'after midnight'])
  })

  it('forgets nothing while the disk refuses, and writes it down afterwards', () => {
    const directory = join(folder, 'as-run')
    writeFileSync(directory, 'a file where the folder should be')
    const log = new AsRunLog(directory, 'UTC')
    log.append(entry('one', '2026-11-20T12:00:00Z'))
    expect(log.flush()).toMatch(/EEXIST|ENOTDIR/)
    log.append(entry('two', '2026-11-20T12:00:01Z'))
    expect(ids(log.since(0))).toEqual(['one', 'two'])
    rmSync(directory)
    expect(log.flush()).toBeNull()
    expect(ids(new AsRunLog(directory, 'UTC').ofDay('2026-11-20'))).toEqual(['one', 'two'])
  })

  it('shows once what stands twice after a crash, and passes over a torn line', () => {
    const log = new AsRunLog(folder, 'UTC')
    log.append(entry('one', '2026-11-20T12:00:00Z'))
    log.flush()
    const restarted = new AsRunLog(folder, 'UTC')
    restarted.append(entry('one', '2026-11-20T12:00:00Z'))
    restarted.append(entry('two', '2026-11-20T12:00:01Z'))
    restarted.flush()
    appendFileSync(join(folder, '2026-11-20.jsonl'), '{"itemId":"tor')
    expect(ids(new AsRunLog(folder, 'UTC').ofDay('2026-11-20'))).toEqual(['one', 'two'])
    expect(ids(restarted.ofDay('2026-11-20'))).toEqual(['one', 'two'])
  })
})
