import { readdirSync, readFileSync } from 'node:fs'

/** What a process does at this moment, over all its threads. */
export type ProcessActivity = {
  /** All of them sleep or are stopped: none wants a processor, none waits for a disk. */
  isIdle: boolean
  /** How often they have given up a processor so far. One that is woken and sleeps again has one more. */
  turns: number
}

/** Of a process of this user, by Linux's proc(5), which answers from memory. Null where that can't be read, and when the process is gone. */
export function activityOf(pid: number): ProcessActivity | null {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'),
    )
    const turns = threads.map((status) => {
      const [own, forced] = [/^voluntary_ctxt_switches:\s*(\d+)/m, /^nonvoluntary_ctxt_switches:\s*(\d+)/m].map(
        (line) => Number(line.exec(status)?.[1]),
      )
      return own! + forced!
    })
    const sum = turns.reduce((total, count) => total + count, 0)
    if (!Number.isFinite(sum)) return null
    return { isIdle: threads.every((status) => /^State:\s*[STt]/m.test(status)), turns: sum }
  } catch {
    return null
  }
}
