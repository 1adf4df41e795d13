import { readdirSync, readFileSync } from 'node:fs'

/** Memory in megabytes, each page shared with n processes counted as 1/n of it (smaps_rollup of proc(5)). */
export type Memory = { pss: number; anonymous: number; file: number }

/** User and system time of a process so far, in seconds (proc(5): fields 14 and 15), and of its children that have ended (16 and 17). */
export function cpuOf(pid: number): { own: number; endedChildren: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
  const hundredths = (index: number): number => Number(fields[index]) / 100
  return { own: hundredths(11) + hundredths(12), endedChildren: hundredths(13) + hundredths(14) }
}

export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuOf(pid).own, 0)
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  const megabytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024
  return {
    pss: megabytes('Pss'),
    anonymous: megabytes('Pss_Anon'),
    file: megabytes('Pss_File') + megabytes('Pss_Shmem'),
  }
}

export function pssMegabytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + memoryOf(pid).pss, 0)
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  })
}

/** A process and all below it. One that ends meanwhile is left out. */
export function treeOf(pid: number): number[] {
  try {
    return [pid, ...childrenOf(pid).flatMap(treeOf)]
  } catch {
    return []
  }
}

export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
}
