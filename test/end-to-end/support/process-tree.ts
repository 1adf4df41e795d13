import { readdirSync, readFileSync } from 'node:fs'

export type SeenProcess = {
  pid: number
  parent: number
  /** Clock ticks since the boot: with the pid it names a process for good. */
  startTicks: string
  /** R, S, T (stopped), Z (dead, not yet fetched), … */
  state: string
  command: string
}

/** Every process below one, at any depth; the dead that only wait for their parent are left out. */
export function descendantsOf(root: number): SeenProcess[] {
  const all = allProcesses()
  const below: SeenProcess[] = []
  const parents = new Set([root])
  for (let before = -1; before !== below.length; ) {
    before = below.length
    for (const process of all)
      if (parents.has(process.parent) && !parents.has(process.pid)) {
        parents.add(process.pid)
        below.push(process)
      }
  }
  return below.filter(({ state }) => state !== 'Z')
}

/** Those of the processes that still run, and whatever else names the folder in its command line or environment. */
export function leftOf(processes: readonly SeenProcess[], folder: string): SeenProcess[] {
  const known = new Set(processes.map(({ pid, startTicks }) => `${pid} ${startTicks}`))
  return allProcesses().filter(
    ({ pid, startTicks, state, command }) =>
      state !== 'Z' &&
      (known.has(`${pid} ${startTicks}`) || command.includes(folder) || environmentOf(pid).includes(folder)),
  )
}

/** Signals a process of ours, unless its number has passed to another since. */
export function signal({ pid, startTicks }: SeenProcess, name: NodeJS.Signals): void {
  if (read(pid)?.startTicks !== startTicks) return
  process.kill(pid, name)
}

function allProcesses(): SeenProcess[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []))
}

function read(pid: number): SeenProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return { pid, parent: Number(fields[1]), startTicks: fields[19]!, state: fields[0]!, command }
  } catch {
    return null
  }
}

function environmentOf(pid: number): string {
  // The runner and its workers know the folder from nowhere but their own memory.
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}
