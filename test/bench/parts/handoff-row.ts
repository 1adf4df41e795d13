import type { HandoffFigures } from './handoff-figures.ts'
import type { Row } from './table.ts'

/** One line of the table: gaps and losses at their worst, times and overlaps at their mean. */
export function rowOf(system: string, figures: HandoffFigures): Row {
  const { into, ended, dropped, deficitMsPerChange, discontinuities } = figures
  const outOf = [...ended, ...dropped]
  return {
    system,
    'gap in': worst(into, ({ gapMs }) => gapMs),
    'gap out': worst(ended, ({ gapMs }) => gapMs),
    'gap dropped': worst(dropped, ({ gapMs }) => gapMs),
    overlap: mean([...into, ...outOf], ({ overlapMs }) => overlapMs),
    'dip dB': worst([...into, ...outOf], ({ dipDb }) => -dipDb, 1),
    'media lost a change': deficitMsPerChange.toFixed(0),
    discontinuities,
    'first lost': worst(into, ({ firstLostMs }) => firstLostMs),
    'last lost': worst(ended, ({ lastLostMs }) => lastLostMs),
    'click to heard': mean(into, ({ toHeardMs }) => toHeardMs),
    'click to alone': mean(into, ({ toAloneMs }) => toAloneMs),
    'click to edge': mean(into, ({ toEdgeMs }) => toEdgeMs),
    'end to programme': mean(ended, ({ toProgrammeMs }) => toProgrammeMs),
    'drop to programme': mean(dropped, ({ toProgrammeMs }) => toProgrammeMs),
    'drop to edge': mean(dropped, ({ toEdgeMs }) => toEdgeMs),
    'old item again': worst(outOf, ({ oldItemMs }) => oldItemMs),
  }
}

function numbersOf<T>(all: readonly (T | null)[], of: (one: T) => number | null): number[] | null {
  const numbers = all.map((one) => (one === null ? null : of(one)))
  return numbers.length > 0 && numbers.every((value) => value !== null) ? numbers : null
}

function worst<T>(all: readonly (T | null)[], of: (one: T) => number | null, digits = 0): string {
  const numbers = numbersOf(all, of)
  return numbers === null ? 'never' : Math.max(...numbers).toFixed(digits)
}

function mean<T>(all: readonly (T | null)[], of: (one: T) => number | null): string {
  const numbers = numbersOf(all, of)
  return numbers === null ? 'never' : (numbers.reduce((sum, value) => sum + value, 0) / numbers.length).toFixed(0)
}

/** The more of it, the better; of everything else the less. */
const MORE_IS_BETTER = new Set(['overlap'])
/** A segment published early is no gain, and one sampling window no loss. */
const EQUAL_WITHIN: Readonly<Record<string, number>> = { 'media lost a change': 50, 'first lost': 15, 'last lost': 15 }

/** The columns in which another row is better than the first, in sentences. */
export function whereBeaten(rows: readonly Row[]): string[] {
  const [first, ...others] = rows
  if (!first) return []
  return Object.keys(first)
    .filter((column) => column !== 'system')
    .flatMap((column) => {
      const costOf = (row: Row): number => {
        const value = row[column]
        if (value === undefined || value === 'never') return Number.POSITIVE_INFINITY
        return MORE_IS_BETTER.has(column) ? -Number(value) : Number(value)
      }
      const best = others.toSorted((a, b) => costOf(a) - costOf(b))[0]
      if (!best || costOf(first) - costOf(best) <= (EQUAL_WITHIN[column] ?? 0)) return []
      return [`${column}: ${first[column]}, ${best.system} ${best[column]}`]
    })
}
