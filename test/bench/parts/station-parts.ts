import { commandOf, cpuOf, memoryOf, treeOf } from './process-usage.ts'

/** What of a station a process is; `order` is that of the table. */
const PARTS: readonly { name: string; is: RegExp }[] = [
  { name: 'control center', is: /dist\/control-center\/main\.js/ },
  { name: 'playout', is: /dist\/playout\/main\.js/ },
  { name: 'encoder (ffmpeg)', is: /ffmpeg .*-f adts/ },
  { name: 'decoders (ffmpeg)', is: /ffmpeg / },
  { name: 'slicer 1', is: /agents\/slicer\/main\.js .*slicer-1/ },
  { name: 'slicer 2', is: /agents\/slicer\/main\.js .*slicer-2/ },
  { name: 'edge agent', is: /agents\/edge\/main\.js/ },
  { name: 'nginx', is: /^nginx/ },
  { name: 'Redis', is: /redis-server/ },
  { name: 'launcher', is: /launcher\/main\.js/ },
  { name: 'PM2', is: /pm2/i },
]
export const SUPERVISION: readonly string[] = ['launcher', 'PM2']
export const PROGRAMS = PARTS.map(({ name }) => name).filter((name) => !SUPERVISION.includes(name))

export type Usage = { cpuSeconds: number; pss: number; anonymous: number; file: number; processes: number }

/** The part that a process with this command line is. */
export const partOf = (command: string): string | undefined => PARTS.find(({ is }) => is.test(command))?.name

/** The station under some pids, part by part. CPU time of children that have ended is the decoders' (playout starts no others). */
export function usageOf(roots: readonly number[]): Map<string, Usage> {
  const parts = new Map<string, Usage>()
  for (const pid of roots.flatMap(treeOf)) {
    try {
      const name = partOf(commandOf(pid))
      if (!name) continue
      const { own, endedChildren } = cpuOf(pid)
      const { pss, anonymous, file } = memoryOf(pid)
      add(parts, name, { cpuSeconds: own, pss, anonymous, file, processes: 1 })
      if (name === 'playout') add(parts, 'decoders (ffmpeg)', { ...NOTHING, cpuSeconds: endedChildren })
    } catch {
      // It has ended meanwhile; what it used is its parent's.
    }
  }
  return parts
}

const NOTHING: Usage = { cpuSeconds: 0, pss: 0, anonymous: 0, file: 0, processes: 0 }

function add(parts: Map<string, Usage>, name: string, usage: Usage): void {
  parts.set(name, sumOf([parts.get(name) ?? NOTHING, usage]))
}

export function sumOf(usages: readonly Usage[]): Usage {
  return usages.reduce(
    (sum, usage) => ({
      cpuSeconds: sum.cpuSeconds + usage.cpuSeconds,
      pss: sum.pss + usage.pss,
      anonymous: sum.anonymous + usage.anonymous,
      file: sum.file + usage.file,
      processes: sum.processes + usage.processes,
    }),
    NOTHING,
  )
}
