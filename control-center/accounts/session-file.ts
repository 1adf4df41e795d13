import Type, { type Static } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import { check } from '../../schemas/check.ts'
import { SessionRecord } from './session-record.ts'

export const KeptSessions = Type.Object({
  sessions: Type.Array(SessionRecord),
  /** What Redis has not heard of yet: new or used ones, and ended ones. */
  unwritten: Type.Array(Type.String()),
  ended: Type.Array(Type.String()),
})
export type KeptSessions = Static<typeof KeptSessions>

const NOTHING_KEPT = '{"sessions":[],"unwritten":[],"ended":[]}'

/** Neither throws: a session that can't be kept is signed in anew, and no more. */
export function createSessionFile(path: string, log: Logger) {
  return {
    read(): KeptSessions {
      try {
        const checked = check(KeptSessions, JSON.parse(readFileIfThere(path) ?? NOTHING_KEPT))
        if (checked.ok) return checked.value
        log.warn(
          { path, problems: checked.problems.slice(0, 3) },
          'the kept sessions do not fit their schema: not used',
        )
      } catch (error) {
        log.warn({ path, error: (error as Error).message }, 'the kept sessions cannot be read: not used')
      }
      return { sessions: [], unwritten: [], ended: [] }
    },
    write(kept: KeptSessions): void {
      try {
        replaceFile(path, JSON.stringify(kept))
      } catch (error) {
        log.error({ path, error: (error as Error).message }, 'the sessions cannot be kept on disk')
      }
    },
  }
}
