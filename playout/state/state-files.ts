import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import { check, compiledCheck } from '../../schemas/check.ts'
import { LivePlan } from '../../schemas/live.ts'
import { PushTargets } from '../../schemas/playout.ts'
import { Rundown } from '../../schemas/rundown.ts'
import { SavedAnchor } from '../clock/anchored-clock.ts'
import { Handoffs } from '../live/figures.ts'
import { SavedVoices } from '../live/saved-voices.ts'
import { LiveState } from '../live/session.ts'
import { Placement } from '../programme/placement.ts'

/** What playout must remember to go on by itself, with the control center and Redis dead: one file each, replaced whole. */

export const Checkpoint = Type.Object({
  generation: Type.Integer(),
  firstAvailableFrame: Type.Integer(),
  mixedUntilSample: Type.Integer(),
  /** Lately ended, sounding and about to. */
  placements: Type.Array(Placement),
  /** Voices on air and the sessions that live: one file, so that the two agree whenever playout dies. */
  live: Type.Optional(Type.Object({ voices: SavedVoices, state: LiveState })),
})
export type Checkpoint = Static<typeof Checkpoint>

/** When playout was started, newest last, by the timeline's clock; a clean end empties the list. */
export const Starts = Type.Object({
  startedAtMs: Type.Array(Type.Number()),
  emergencyOnlyUntilMs: Type.Number({ default: 0 }),
})
export type Starts = Static<typeof Starts>

type Failure = { reason: string; again: () => void }

export class StateFiles {
  private readonly directory: string
  private readonly log: Logger
  private readonly onDisk: (failure: string | null) => void
  /** What could not be saved, with the reason: tried again by {@link retry}. */
  private readonly failures = new Map<string, Failure>()
  private readonly aside = new Map<string, symbol>()

  /** `onDisk` is told when something can't be saved, with the reason, and with null when all can be saved again. */
  constructor(directory: string, log: Logger, onDisk: (failure: string | null) => void) {
    this.directory = directory
    this.log = log
    this.onDisk = onDisk
  }

  readonly checkpoint = this.file('checkpoint.json', Checkpoint)
  readonly rundown = this.file('rundown.json', Rundown, compiledCheck(Rundown))
  readonly targets = this.file('targets.json', PushTargets)
  readonly anchor = this.file('clock.json', SavedAnchor)
  readonly starts = this.file('starts.json', Starts)
  readonly livePlan = this.file('live-plan.json', LivePlan)
  /** Of these the ended ones count; the living are in the checkpoint. */
  readonly liveSessions = this.file('live-sessions.json', LiveState)
  readonly handoffs = this.file('live-handoffs.json', Handoffs)

  /** Saves what could not be saved, when the disk has room again. */
  retry(): void {
    for (const [name, { again }] of [...this.failures]) if (!this.aside.has(name)) again()
  }

  private file<S extends TSchema>(name: string, schema: S, checked = (input: unknown) => check(schema, input)) {
    const path = (): string => join(this.directory, name)
    /** Null when there is none, or when it can't be used; the latter is logged. */
    const read = (): Static<S> | null => {
      try {
        const text = readFileIfThere(path())
        if (text === null) return null
        const outcome = checked(JSON.parse(text))
        if (outcome.ok) return outcome.value
        const problem = outcome.problems[0]
        this.log.error({ file: name, problem }, 'a saved state does not fit its schema and is left out')
      } catch (error) {
        this.log.error({ file: name, error: (error as Error).message }, 'a saved state is not readable and is left out')
      }
      return null
    }
    let waiting: { value: Static<S> } | null = null
    /** False when the disk refuses: then there is an alarm, and nothing else stops. */
    const write = (value: Static<S>): boolean => {
      this.aside.delete(name)
      waiting = null
      try {
        replaceFile(path(), JSON.stringify(value))
        return this.noteSaved(name, null)
      } catch (error) {
        return this.noteSaved(name, { reason: (error as Error).message, again: () => void write(value) })
      }
    }
    /**
     * Before this returns, another process would find it, whatever becomes of this one; the platter may get it later. A disk takes tens of
     * milliseconds to be sure, which the air would have to wait for.
     */
    const writeForSuccessor = (value: Static<S>): boolean => {
      this.aside.delete(name)
      waiting = null
      try {
        mkdirSync(this.directory, { recursive: true })
        const draft = `${path()}.at-once`
        writeFileSync(draft, JSON.stringify(value), { mode: 0o600 })
        renameSync(draft, path())
        return this.noteSaved(name, null)
      } catch (error) {
        return this.noteSaved(name, { reason: (error as Error).message, again: () => void write(value) })
      }
    }
    /** As `write`, without the air waiting for a slow disk; of what is to be saved while one is under way only the newest is. */
    const writeAside = (value: Static<S>): void => {
      if (this.aside.has(name)) {
        waiting = { value }
        return
      }
      const turn = Symbol(name)
      this.aside.set(name, turn)
      const holds = (): boolean => this.aside.get(name) === turn
      const done = (failure: Failure | null): void => {
        if (!holds()) return
        const next = waiting
        waiting = null
        this.aside.delete(name)
        this.noteSaved(name, failure)
        if (next) writeAside(next.value)
      }
      replaceAside(path(), JSON.stringify(value), holds).then(
        () => done(null),
        (error: Error) => done({ reason: error.message, again: () => writeAside(value) }),
      )
    }
    return { read, write, writeForSuccessor, writeAside }
  }

  private noteSaved(name: string, failure: Failure | null): boolean {
    const before = this.failures.get(name)
    if (failure === null) this.failures.delete(name)
    else this.failures.set(name, failure)
    if (failure?.reason === before?.reason) return failure === null
    if (failure !== null) this.onDisk(failure.reason)
    else if (this.failures.size === 0) this.onDisk(null)
    return failure === null
  }
}

/**
 * Not when something newer has been saved meanwhile (`holds`). There is but one draft of each file, so that a disk that is full does not
 * fill up with drafts.
 */
async function replaceAside(path: string, text: string, holds: () => boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.aside`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  if (holds()) await rename(draft, path)
}
