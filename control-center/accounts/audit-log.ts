import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readFileIfThere } from '../../platform/files.ts'
import type { Logger } from '../../platform/log.ts'
import type { AuditAnswer, AuditLine } from '../../schemas/accounts.ts'
import type { Caller } from './caller.ts'

const DAYS_KEPT = 400
/** Of a day: somebody who is refused again and again must not fill the disk. What was done is always written. */
const REFUSALS_A_DAY_MAX = 5_000
const TEXT_MAX = 500
const DAY_FILE = /^(\d{4})-(\d{2})-(\d{2})\.jsonl$/

export type AuditEntry = {
  caller: Caller
  /** In a word or two: `make person`, `revoke key`. */
  action: string
  /** Whom or what it was done to: an id, with the name where there is one. */
  subject: string
  /** `done` when left out; otherwise why it was not. */
  outcome?: string
  /** What a reader wants to know besides; never a secret. */
  detail?: string
}

export type AuditLog = {
  /** Appends a line. Never throws: a full disk is an alarm, and no reason to leave a change undone. */
  write(entry: AuditEntry): void
  /** Has a line been written for this very caller, that is: by this request? */
  wrote(caller: Caller): boolean
  /** A page of lines, newest first. */
  read(before: string | undefined, limit: number): AuditAnswer
  alarms(): string[]
}

/**
 * One JSON line a change, in a file a day, which only grows; days beyond {@link DAYS_KEPT} are removed.
 *
 * @param nowMs the station's clock
 */
export function createAuditLog(folder: string, nowMs: () => number, log: Logger): AuditLog {
  const written = new WeakSet<Caller>()
  let alarm: string | null = null
  let today = ''
  let refusals = 0

  const dayFiles = (): string[] => {
    try {
      return readdirSync(folder)
        .filter((name) => DAY_FILE.test(name))
        .sort()
        .reverse()
    } catch {
      return []
    }
  }
  const turnOver = (day: string): void => {
    today = day
    refusals = 0
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of dayFiles().slice(DAYS_KEPT)) rmSync(join(folder, name), { force: true })
  }
  const append = (line: AuditLine): void => {
    try {
      const day = new Date(line.atMs).toISOString().slice(0, 10)
      if (day !== today) turnOver(day)
      if (line.outcome !== 'done' && ++refusals > REFUSALS_A_DAY_MAX) {
        if (refusals === REFUSALS_A_DAY_MAX + 1)
          log.warn(
            `the audit log takes no more than ${REFUSALS_A_DAY_MAX} refusals a day: the rest of today's is left out`,
          )
        return
      }
      appendFileSync(join(folder, `${day}.jsonl`), `${JSON.stringify(line)}\n`, { mode: 0o600 })
      alarm = null
    } catch (error) {
      alarm = `The audit log can't be written in ${folder}: ${(error as Error).message}.`
      log.error({ ...line }, alarm)
    }
  }

  return {
    write({ caller, action, subject, outcome = 'done', detail = '' }) {
      written.add(caller)
      append({
        atMs: Math.floor(nowMs()),
        who: { kind: caller.kind, id: caller.id, name: caller.name },
        from: caller.from,
        action,
        subject: subject.slice(0, TEXT_MAX),
        outcome: outcome.slice(0, TEXT_MAX),
        detail: detail.slice(0, TEXT_MAX),
      })
    },
    wrote: (caller) => written.has(caller),
    read(before, limit) {
      const [beforeDay, beforeLine] = before?.split('.') ?? []
      const lines: AuditLine[] = []
      for (const name of dayFiles()) {
        const day = name.replace(DAY_FILE, '$1$2$3')
        if (beforeDay !== undefined && day > beforeDay) continue
        const texts = (readFileIfThere(join(folder, name)) ?? '').split('\n').slice(0, -1)
        for (
          let number = Math.min(texts.length, day === beforeDay ? Number(beforeLine) : Infinity);
          number > 0;
          number--
        ) {
          if (lines.length === limit) return { lines, next: `${day}.${number}` }
          const line = lineOrNull(texts[number - 1]!)
          if (line) lines.push(line)
        }
      }
      return { lines, next: null }
    },
    alarms: () => (alarm === null ? [] : [alarm]),
  }
}

/** Null for a line that was cut off by a crash. */
function lineOrNull(text: string): AuditLine | null {
  try {
    return JSON.parse(text) as AuditLine
  } catch {
    return null
  }
}
