import { readdirSync } from 'node:fs'
import { cpuOf, memoryOf } from '../bench/parts/process-usage.ts'
import { PROGRAMS, partOf, SUPERVISION } from '../bench/parts/station-parts.ts'
import type { Row } from '../bench/parts/table.ts'
import type { Station } from '../end-to-end/support/station.ts'
import { growsSteadily, slopePerHour } from './growth.ts'

/** What a steady rise must come to before it is one. */
const MEMORY_MARGIN_MB = 8
const DESCRIPTORS_MARGIN = 16

type Reading = { atMs: number; pss: number; anonymous: number; descriptors: number; cpuSeconds: number }
/** One process from its first reading to its last: a program that was restarted is another one. */
type Life = { part: string; pid: number; readings: Reading[] }

/** Memory, open file descriptors and processor time of a station's programs, read now and then. */
export class Usage {
  private readonly lives = new Map<string, Life>()
  private readonly timesMs: number[] = []

  read(station: Station, nowMs: number): void {
    this.timesMs.push(nowMs)
    const launcher = station.launcher?.pid
    const all = [
      ...station.processes().map(({ pid, startTicks, command }) => ({ pid, startTicks, part: partOf(command) })),
      ...(launcher ? [{ pid: launcher, startTicks: '', part: 'launcher' }] : []),
    ]
    for (const { pid, startTicks, part } of all) {
      if (!part) continue
      try {
        const { pss, anonymous } = memoryOf(pid)
        const descriptors = readdirSync(`/proc/${pid}/fd`).length
        const reading = { atMs: nowMs, pss, anonymous, descriptors, cpuSeconds: cpuOf(pid).own }
        const key = `${part} ${pid} ${startTicks}`
        const life = this.lives.get(key) ?? { part, pid, readings: [] }
        life.readings.push(reading)
        this.lives.set(key, life)
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** First, last and slope of each program, its processes taken together. CPU is of those that lived from one reading to the next. */
  rows(): Row[] {
    return [...PROGRAMS, ...SUPERVISION].flatMap((part) => {
      const lives = [...this.lives.values()].filter((life) => life.part === part)
      if (lives.length === 0) return []
      const sum = (field: 'pss' | 'anonymous' | 'descriptors') =>
        this.timesMs.flatMap((atMs) => {
          const now = lives.flatMap(({ readings }) => readings.filter((reading) => reading.atMs === atMs))
          return now.length === 0 ? [] : [{ atMs, value: now.reduce((total, reading) => total + reading[field], 0) }]
        })
      const [pss, anonymous, descriptors] = [sum('pss'), sum('anonymous'), sum('descriptors')]
      return [
        {
          what: part,
          'processes seen': lives.length,
          'PSS MB first': fixed(pss[0]?.value),
          last: fixed(pss.at(-1)?.value),
          'MB/h': signed(slopePerHour(pss)),
          'own MB first': fixed(anonymous[0]?.value),
          'own last': fixed(anonymous.at(-1)?.value),
          'descriptors first': descriptors[0]!.value,
          'last ': descriptors.at(-1)!.value,
          '1/h': signed(slopePerHour(descriptors)),
          'CPU %': fixed(cpuPercentOf(lives)),
        },
      ]
    })
  }

  /** What grows steadily in a process of its own accord, in sentences. Memory is its own: shared pages go up and down with the neighbours. */
  growth(): string[] {
    return [...this.lives.values()].flatMap(({ part, pid, readings }) => {
      const of = (field: 'anonymous' | 'descriptors') =>
        readings.map((reading) => ({ atMs: reading.atMs, value: reading[field] }))
      const told = (what: string, unit: string, field: 'anonymous' | 'descriptors', margin: number): string[] =>
        growsSteadily(of(field), margin)
          ? [
              `the ${what} of ${part} (process ${pid}) grow steadily: ` +
                `${fixed(readings[0]?.[field])} to ${fixed(readings.at(-1)?.[field])}${unit}`,
            ]
          : []
      return [
        ...told('megabytes', ' MB', 'anonymous', MEMORY_MARGIN_MB),
        ...told('file descriptors', '', 'descriptors', DESCRIPTORS_MARGIN),
      ]
    })
  }
}

function cpuPercentOf(lives: readonly Life[]): number {
  let cpuSeconds = 0
  let livedMs = 0
  for (const { readings } of lives) {
    const [first, last] = [readings[0]!, readings.at(-1)!]
    cpuSeconds += last.cpuSeconds - first.cpuSeconds
    livedMs += last.atMs - first.atMs
  }
  return livedMs === 0 ? 0 : (100_000 * cpuSeconds) / livedMs
}

const fixed = (value: number | undefined): string => (value ?? 0).toFixed(1)
const signed = (value: number | null): string =>
  value === null ? '-' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(0)}`
