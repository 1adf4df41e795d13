import Type, { type Static } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import type { KeyValueStore } from '../../platform/redis.ts'
import { check } from '../../schemas/check.ts'
import { Rundown } from '../../schemas/rundown.ts'
import type { PlanCursors } from '../schedule/cursors.ts'

/** A plan with what is needed to go on from it after a restart. */
export const KeptPlan = Type.Object({
  rundown: Rundown,
  /** Where each source stood at the plan's beginning: its own kind of plain data, checked by whoever reads its fields. */
  cursors: Type.Unsafe<PlanCursors>(Type.Object({ countedUntilSample: Type.Integer() })),
  warnings: Type.Array(Type.String()),
  reason: Type.String(),
  programme: Type.String(),
  library: Type.String(),
})
export type KeptPlan = Static<typeof KeptPlan>

/** Where the plan is kept: on disk, read at the start, and in Redis, for a control center on another host. */
export type PlanStore = {
  readFile(): KeptPlan | null
  /** Rejects while Redis is dead; null when there is none. */
  readShared(): Promise<KeptPlan | null>
  /** Never throws: what could not be kept is logged. Redis is written in the background, and again by `writeShared`. */
  write(plan: KeptPlan): void
  writeShared(): Promise<void>
}

export function createPlanStore(path: string, stationId: string, redis: KeyValueStore, log: Logger): PlanStore {
  const key = `airtight:${stationId}:plan`
  let unwritten: string | null = null
  const parsePlan = (text: string | null, where: string): KeptPlan | null => {
    if (text === null) return null
    try {
      const checked = check(KeptPlan, JSON.parse(text))
      if (checked.ok) return checked.value
      log.warn({ where, problems: checked.problems.slice(0, 3) }, 'the kept plan does not fit its schema: not used')
    } catch (error) {
      log.warn({ where, error: (error as Error).message }, 'the kept plan cannot be read: not used')
    }
    return null
  }
  const writeShared = async (): Promise<void> => {
    const text = unwritten
    if (text === null) return
    try {
      await redis.write(key, text)
      if (unwritten === text) unwritten = null
    } catch (error) {
      log.debug({ error: (error as Error).message }, 'the plan waits for Redis')
    }
  }
  return {
    readFile() {
      try {
        return parsePlan(readFileIfThere(path), path)
      } catch (error) {
        log.warn({ path, error: (error as Error).message }, 'the kept plan cannot be read: not used')
        return null
      }
    },
    readShared: async () => parsePlan(await redis.read(key), 'Redis'),
    write(plan) {
      const text = JSON.stringify(plan)
      try {
        replaceFile(path, text)
      } catch (error) {
        log.error({ path, error: (error as Error).message }, 'the plan cannot be kept on disk')
      }
      unwritten = text
      void writeShared()
    },
    writeShared,
  }
}
