import { join } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import { check } from '../../schemas/check.ts'
import { PushTargets } from '../../schemas/playout.ts'
import { Rundown } from '../../schemas/rundown.ts'
import { SavedAnchor } from '../clock/anchored-clock.ts'
import { Placement } from '../programme/placement.ts'

/** What playout must remember to go on by itself, with the control center and Redis dead: one file each, replaced whole. */

export const Checkpoint = Type.Object({
  generation: Type.Integer(),
  firstAvailableFrame: Type.Integer(),
  mixedUntilSample: Type.Integer(),
  /** Lately ended, sounding and about to. */
  placements: Type.Array(Placement),
})
export type Checkpoint = Static<typeof Checkpoint>

/** When playout was started, newest last, by the timeline's clock; a clean end empties the list. */
export const Starts = Type.Object({
  startedAtMs: Type.Array(Type.Number()),
  emergencyOnlyUntilMs: Type.Number({ default: 0 }),
})
export type Starts = Static<typeof Starts>

export class StateFiles {
  private readonly directory: string
  private readonly log: Logger

  constructor(directory: string, log: Logger) {
    this.directory = directory
    this.log = log
  }

  readonly checkpoint = this.file('checkpoint.json', Checkpoint)
  readonly rundown = this.file('rundown.json', Rundown)
  readonly targets = this.file('targets.json', PushTargets)
  readonly anchor = this.file('clock.json', SavedAnchor)
  readonly starts = this.file('starts.json', Starts)

  private file<S extends TSchema>(name: string, schema: S) {
    return {
      /** Null when there is none, or when it can't be used; the latter is logged. */
      read: (): Static<S> | null => {
        try {
          const text = readFileIfThere(join(this.directory, name))
          if (text === null) return null
          const checked = check(schema, JSON.parse(text))
          if (checked.ok) return checked.value
          this.log.error(
            { file: name, problem: checked.problems[0] },
            'a saved state does not fit its schema and is left out',
          )
        } catch (error) {
          this.log.error(
            { file: name, error: (error as Error).message },
            'a saved state is not readable and is left out',
          )
        }
        return null
      },
      /** False when the disk refuses; that is logged and nothing else stops. */
      write: (value: Static<S>): boolean => {
        try {
          replaceFile(join(this.directory, name), JSON.stringify(value))
          return true
        } catch (error) {
          this.log.error({ file: name, error: (error as Error).message }, 'a state could not be saved')
          return false
        }
      },
    }
  }
}
