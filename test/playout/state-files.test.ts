import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replaceFile } from '../../platform/files.ts'
import { createLogger } from '../../platform/log.ts'
import { StateFiles } from '../../playout/state/state-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airtight-state-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const log = createLogger('test', 'silent')

describe('what playout remembers', () => {
  it('is saved again when the disk is well again; the alarm is heard once, and its end', async () => {
    const directory = join(folder, 'state')
    writeFileSync(directory, 'a file where the folder should be')
    const heard: (string | null)[] = []
    let changed: () => void = () => {}
    const state = new StateFiles(directory, log, (failure) => {
      heard.push(failure)
      changed()
    })
    for (let second = 0; second < 5; second++) state.anchor.write({ bootId: 'b', offsetMs: second })
    expect(heard).toEqual([expect.any(String)])
    state.starts.write({ startedAtMs: [1], emergencyOnlyUntilMs: 0 })
    rmSync(directory)
    mkdirSync(directory)
    const over = new Promise<void>((resolve) => {
      changed = resolve
    })
    state.anchor.writeAside({ bootId: 'b', offsetMs: 7 })
    state.retry()
    await over
    expect(heard.at(-1)).toBeNull()
    expect(state.starts.read()).toEqual({ startedAtMs: [1], emergencyOnlyUntilMs: 0 })
    expect(state.anchor.read()).toEqual({ bootId: 'b', offsetMs: 7 })
    expect(readdirSync(directory).sort()).toEqual(['clock.json', 'starts.json'])
  })

  it('is left out when it is corrupt, whatever is in it', () => {
    const state = new StateFiles(folder, log, (failure) => expect(failure).toBeNull())
    for (const rubbish of ['', '{', 'null', '[]', '{"generation":"x"}', '\0\0\0', `"${'é'.repeat(1000)}`]) {
      for (const name of ['checkpoint', 'rundown', 'targets', 'clock', 'starts'])
        writeFileSync(join(folder, `${name}.json`), rubbish)
      expect(state.checkpoint.read()).toBeNull()
      expect(state.rundown.read()).toBeNull()
      expect(state.targets.read()).toBeNull()
      expect(state.anchor.read()).toBeNull()
      expect(state.starts.read()).toBeNull()
    }
  })
})

describe('a file that is replaced whole', () => {
  it('leaves no draft behind when that fails: a full disk would fill up with them', () => {
    mkdirSync(join(folder, 'in the way'))
    expect(() => replaceFile(join(folder, 'in the way'), 'text')).toThrow()
    expect(readdirSync(folder)).toEqual(['in the way'])
  })
})
