import Type, { type Static } from 'typebox'
import { readFileIfThere, replaceFile } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import { check } from '../../schemas/check.ts'
import { type IngestBriefing, type IngestPeer, type LiveGrant, LivePlan } from '../../schemas/live.ts'
import { type ContentVersion, versionFor } from '../nodes/versioned-list.ts'

/** What of the plan comes from station file and accounts. */
export type LiveWishes = Pick<LivePlan, 'settings' | 'grants' | 'holdFile'>

const LivePlanFile = Type.Object({
  version: Type.Object({ version: Type.Integer(), fingerprint: Type.String() }),
  plan: LivePlan,
})
type LivePlanFile = Static<typeof LivePlanFile>

export type LivePlanKeeper = ReturnType<typeof keepLivePlan>

/**
 * The plan of who may be heard, for playout and ingest nodes. Its last good state is on disk: while the accounts are not known after a
 * restart (Redis dead, no copy), what was last said goes on holding.
 */
export function keepLivePlan(options: {
  path: string
  log: Logger
  /** Null while the accounts are not known. */
  wishes(): LiveWishes | null
  ingests(): IngestPeer[]
  nowMs(): number
}) {
  const { path, log } = options
  let kept = readKept(path, log)

  const current = (heldVersion: number): LivePlan | null => {
    const wishes = options.wishes() ?? kept?.plan ?? null
    if (!wishes) return null
    const { settings, grants, holdFile } = wishes
    const content = { settings, grants, ingests: options.ingests(), holdFile }
    const version: ContentVersion = versionFor(content, kept?.version ?? null, heldVersion, options.nowMs())
    if (version === kept?.version) return kept.plan
    kept = { version, plan: { version: version.version, ...content } }
    try {
      replaceFile(path, JSON.stringify(kept))
    } catch (error) {
      log.error({ path, error: (error as Error).message }, 'the live plan cannot be kept on disk')
    }
    return kept.plan
  }
  return {
    /** @param heldVersion the version that playout holds */
    wanted: current,
    grants: (): readonly LiveGrant[] => current(0)?.grants ?? [],
    /** Null while nothing is known: the node then goes on with what it was told before. */
    ingestBriefing(): IngestBriefing | null {
      const plan = current(0)
      return plan && { settings: plan.settings, grants: plan.grants }
    },
  }
}

function readKept(path: string, log: Logger): LivePlanFile | null {
  try {
    const text = readFileIfThere(path)
    if (text === null) return null
    const checked = check(LivePlanFile, JSON.parse(text))
    if (checked.ok) return checked.value
    log.warn(
      { path, problems: checked.problems.slice(0, 3).map((problem) => problem.path) },
      'the kept live plan does not fit its schema: not used',
    )
  } catch (error) {
    log.warn({ path, error: (error as Error).message }, 'the kept live plan cannot be read: not used')
  }
  return null
}
