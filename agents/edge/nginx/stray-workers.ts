import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Workers of an nginx whose master was killed live on, hold the port and serve an old list of origins for ever. They are
 * known by their working directory, the edge's own folder, in which nothing else starts an nginx.
 * Answers their process ids; none where there is no /proc.
 */
export function strayNginxProcesses(dataFolder: string, masterPid: number | null): number[] {
  return nginxProcesses(dataFolder)
    .filter(({ pid, parent }) => pid !== masterPid && (masterPid === null || parent !== masterPid))
    .map(({ pid }) => pid)
}

/** Workers that a reload has retired and that stay for the sake of long connections, oldest first. */
export function retiredWorkers(dataFolder: string, masterPid: number): number[] {
  return nginxProcesses(dataFolder)
    .filter(({ parent, title }) => parent === masterPid && title.includes('worker process is shutting down'))
    .sort((one, other) => one.startTicks - other.startTicks)
    .map(({ pid }) => pid)
}

type NginxProcess = { pid: number; parent: number; startTicks: number; title: string }

function nginxProcesses(dataFolder: string): NginxProcess[] {
  let names: string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return []
  }
  return names.filter((name) => /^\d+$/.test(name)).flatMap((name) => describe(Number(name), dataFolder))
}

/** Empty for a process that is none of ours, not readable, or gone by now. */
function describe(pid: number, dataFolder: string): NginxProcess[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const nameEnd = stat.lastIndexOf(')')
    if (stat.slice(stat.indexOf('(') + 1, nameEnd) !== 'nginx') return []
    if (readlinkSync(`/proc/${pid}/cwd`) !== dataFolder) return []
    const fields = stat.slice(nameEnd + 2).split(' ')
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return [{ pid, parent: Number(fields[1]), startTicks: Number(fields[19]), title }]
  } catch {
    return []
  }
}
